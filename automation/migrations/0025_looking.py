from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("automation", "0024_hook_calls")]

    operations = [
        migrations.AddField(
            model_name="enrollment",
            name="waits_until",
            field=models.DateTimeField(null=True),
        ),
    ]
