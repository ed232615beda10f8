from django.db import migrations, models


class Migration(migrations.Migration):
    """Nothing changes in the database: what "set aside" means to whoever reads it."""

    dependencies = [("automation", "0021_retention")]

    operations = [
        migrations.AlterField(
            model_name="event",
            name="status",
            field=models.CharField(
                choices=[
                    ("new", "waiting to be decided on"),
                    ("decided", "decided"),
                    ("set_aside", "set aside: it could not, or must not, be decided on"),
                ],
                default="new",
                max_length=12,
            ),
        ),
    ]
