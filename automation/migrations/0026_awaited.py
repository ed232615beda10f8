import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("automation", "0025_looking")]

    operations = [
        migrations.AddField(
            model_name="enrollment",
            name="awaited",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="automation.event",
            ),
        ),
    ]
