import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("automation", "0026_awaited")]

    operations = [
        migrations.AddField(
            model_name="segment",
            name="counts_sent",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.CreateModel(
            name="SegmentNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "contact",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="automation.contact",
                    ),
                ),
            ],
        ),
        # Whichever way a message becomes sent (settle, a webhook, a person's verdict), it is noted in the same
        # transaction. Only those that do are told to the function. It reads the segments when its transaction has
        # written something already, so that a rule that it does not see yet waits for it (segments/fill.py).
        migrations.RunSQL(
            """
            CREATE FUNCTION automation_message_sent() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF EXISTS (SELECT FROM automation_segment WHERE counts_sent) THEN
                    INSERT INTO automation_segmentnote (contact_id) VALUES (NEW.contact_id);
                END IF;
                RETURN NULL;
            END $$;
            CREATE TRIGGER automation_message_sent AFTER UPDATE OF sent_at ON automation_message
            FOR EACH ROW WHEN (NEW.sent_at IS DISTINCT FROM OLD.sent_at AND NEW.contact_id IS NOT NULL)
            EXECUTE FUNCTION automation_message_sent();
            """,
            """
            DROP TRIGGER automation_message_sent ON automation_message;
            DROP FUNCTION automation_message_sent();
            """,
        ),
    ]
