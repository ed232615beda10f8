import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

# A ledger is worth something only if its lines stay. TRUNCATE fires no row trigger, so tests can still flush.
APPEND_ONLY = """
CREATE FUNCTION suppression_consent_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('signalpost.erasing', true) IS DISTINCT FROM 'on' THEN
        RAISE EXCEPTION 'The consent ledger is append-only.'
            USING ERRCODE = 'restrict_violation',
                  HINT = 'To erase personal data, SET LOCAL signalpost.erasing = ''on'' in the same transaction.';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON suppression_consent
    FOR EACH ROW EXECUTE FUNCTION suppression_consent_append_only();
"""
NOT_APPEND_ONLY = """
DROP TRIGGER append_only ON suppression_consent;
DROP FUNCTION suppression_consent_append_only();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Topic",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "key",
                    models.SlugField(
                        db_index=False, help_text="How flows name this topic. Stays as it is.", max_length=64
                    ),
                ),
                ("name", models.CharField(help_text="Shown on the unsubscribe page.", max_length=100)),
                ("description", models.TextField(blank=True, help_text="Shown on the unsubscribe page.")),
                (
                    "requires_opt_in",
                    models.BooleanField(
                        default=False,
                        help_text="Mail only those whose latest consent to this topic is a grant.",
                        verbose_name="requires opt-in",
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "ordering": ["name"],
                "constraints": [models.UniqueConstraint(fields=("key",), name="topic_key")],
            },
        ),
        migrations.CreateModel(
            name="Suppression",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address_hash", models.BinaryField(max_length=32)),
                ("key_version", models.PositiveSmallIntegerField(default=1)),
                (
                    "scope",
                    models.CharField(
                        choices=[("marketing", "marketing mail"), ("all", "all mail")],
                        help_text="All mail: receipts and password resets too.",
                        max_length=9,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("unsubscribed", "unsubscribed"),
                            ("hard_bounce", "hard bounce"),
                            ("soft_bounces", "soft bounces in a row"),
                            ("complaint", "complaint"),
                            ("manual", "entered by hand"),
                            ("imported", "imported"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "source",
                    models.CharField(help_text="Who or what told us: a page, a webhook, a person.", max_length=200),
                ),
                ("evidence", models.JSONField(blank=True, default=dict)),
                ("note", models.TextField(blank=True)),
                ("expires_at", models.DateTimeField(blank=True, help_text="Empty: never.", null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "topic",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="suppression.topic",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("address_hash", "topic", "scope", "reason"),
                        name="suppression_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("topic", None), ("scope", "marketing"), _connector="OR"),
                        name="suppression_topic_is_marketing",
                        violation_error_message="A topic is marketing: choose that scope, or no topic.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address_hash", models.BinaryField(max_length=32)),
                ("key_version", models.PositiveSmallIntegerField(default=1)),
                (
                    "decision",
                    models.CharField(choices=[("granted", "granted"), ("withdrawn", "withdrawn")], max_length=9),
                ),
                ("purpose", models.CharField(blank=True, max_length=200)),
                ("wording_version", models.CharField(blank=True, max_length=64)),
                ("source", models.CharField(max_length=200)),
                ("ip", models.GenericIPAddressField(null=True, verbose_name="IP address")),
                ("user_agent", models.CharField(blank=True, max_length=500)),
                ("proof", models.JSONField(default=dict)),
                ("at", models.DateTimeField()),
                (
                    "topic",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="suppression.topic",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "consent",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        fields=["address_hash"], include=("topic", "at", "id", "decision"), name="consent_address"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("decision", "withdrawn"), ("topic__isnull", False), _connector="OR"),
                        name="consent_specific",
                    )
                ],
            },
        ),
        migrations.RunSQL(APPEND_ONLY, NOT_APPEND_ONLY),
    ]
