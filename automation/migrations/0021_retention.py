import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("automation", "0020_segments_read")]

    operations = [
        migrations.CreateModel(
            name="RetentionWalk",
            fields=[
                ("id", models.SmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ("contact_id", models.BigIntegerField(default=0)),
                ("due_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="retention_walk_one_row")]
            },
        ),
        migrations.AlterField(
            model_name="enrollment",
            name="event",
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
