import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Messages pin versions and workers cache them, so what a version says must never change. Who published it may go (SET NULL),
# and so may the whole version, with its template. Only columns named in SET fire it, and save() names them all.
IMMUTABLE = """
CREATE FUNCTION templates_app_version_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A published template version does not change. Publish a new one.' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER immutable
    BEFORE UPDATE OF id, template_id, number, content, variables, source, content_hash, published_at
    ON templates_app_templateversion
    FOR EACH ROW EXECUTE FUNCTION templates_app_version_immutable();
"""
MUTABLE = """
DROP TRIGGER immutable ON templates_app_templateversion;
DROP FUNCTION templates_app_version_immutable();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Block",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.SlugField(db_index=False, unique=True)),
                ("name", models.CharField(max_length=200)),
                (
                    "source",
                    models.TextField(
                        help_text="In the format of the templates that include it.", verbose_name="HTML or MJML"
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Template",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "key",
                    models.SlugField(
                        db_index=False,
                        help_text="Stable name, used by configuration files. Do not change it later.",
                        unique=True,
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("description", models.TextField(blank=True)),
                (
                    "format",
                    models.CharField(choices=[("html", "HTML"), ("mjml", "MJML")], default="html", max_length=8),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="TemplateVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("content", models.JSONField()),
                ("variables", models.JSONField()),
                ("source", models.JSONField()),
                ("content_hash", models.CharField(max_length=64)),
                ("published_at", models.DateTimeField(auto_now_add=True)),
                (
                    "published_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "template",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="templates_app.template",
                    ),
                ),
            ],
            options={
                "ordering": ["-number"],
            },
        ),
        migrations.AddField(
            model_name="template",
            name="live_version",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="+",
                to="templates_app.templateversion",
            ),
        ),
        migrations.CreateModel(
            name="Variable",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "name",
                    models.CharField(
                        max_length=60,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Za-z][A-Za-z0-9_]*\\Z", "Use letters, digits and underscores; begin with a letter."
                            )
                        ],
                    ),
                ),
                (
                    "path",
                    models.CharField(
                        help_text="Where it comes from, such as contact.attributes.name or event.payload.total.",
                        max_length=300,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Za-z_][\\w-]*(\\.[\\w-]+)+\\Z",
                                "Write a path such as contact.email or event.payload.total.",
                            )
                        ],
                    ),
                ),
                (
                    "missing",
                    models.CharField(
                        choices=[
                            ("default", "use the default"),
                            ("skip", "do not send"),
                            ("refuse", "refuse to publish a flow that may lack it"),
                        ],
                        default="skip",
                        max_length=8,
                        verbose_name="when missing",
                    ),
                ),
                (
                    "default",
                    models.JSONField(
                        blank=True, help_text="Used when it is missing. Left empty: nothing is shown.", null=True
                    ),
                ),
                (
                    "sample",
                    models.JSONField(
                        blank=True, help_text="For previews, and to try the template before publishing.", null=True
                    ),
                ),
                (
                    "template",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="variables",
                        to="templates_app.template",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Variant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "language",
                    models.CharField(
                        blank=True,
                        help_text="Such as en or pt-BR. Empty: for everyone who has no better variant. One of them must be empty.",
                        max_length=35,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\\Z", "Write a language code such as en or pt-BR."
                            )
                        ],
                    ),
                ),
                ("subject", models.CharField(max_length=500)),
                (
                    "preheader",
                    models.CharField(
                        blank=True,
                        help_text="Shown by many inboxes after the subject. Hidden in the mail itself.",
                        max_length=500,
                    ),
                ),
                ("html", models.TextField(verbose_name="HTML or MJML")),
                (
                    "text",
                    models.TextField(
                        blank=True, help_text="Leave empty to have it made from the HTML.", verbose_name="plain text"
                    ),
                ),
                (
                    "template",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="variants",
                        to="templates_app.template",
                    ),
                ),
            ],
            options={
                "ordering": ["language"],
            },
        ),
        migrations.AddConstraint(
            model_name="templateversion",
            constraint=models.UniqueConstraint(fields=("template", "number"), name="version_number"),
        ),
        migrations.AddConstraint(
            model_name="variable",
            constraint=models.UniqueConstraint(
                fields=("template", "name"),
                name="variable_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="variant",
            constraint=models.UniqueConstraint(
                fields=("template", "language"),
                name="variant_language",
            ),
        ),
        migrations.RunSQL(IMMUTABLE, MUTABLE),
    ]
