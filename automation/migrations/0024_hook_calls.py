from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("automation", "0023_segment_checks")]

    operations = [
        AddIndexConcurrently(
            model_name="hookcall",
            index=models.Index(
                condition=models.Q(("status", "set_aside")), fields=["due_at"], name="hook_call_set_aside"
            ),
        ),
        migrations.AlterField(
            model_name="hookcall",
            name="status",
            field=models.CharField(
                choices=[
                    ("queued", "queued, or being made"),
                    ("taken", "taken by the service"),
                    ("set_aside", "dead letter: the service did not take it"),
                    ("withdrawn", "not made: flow archived, contact erased or at home elsewhere"),
                ],
                default="queued",
                max_length=12,
            ),
        ),
    ]
