"""Templates as marketers edit them (Template, Variant, Variable, Block) and as they are published (TemplateVersion)."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models

from templates_app.names import LANGUAGE, PATH, VARIABLE


class Format(models.TextChoices):
    HTML = "html", "HTML"
    MJML = "mjml", "MJML"


class WhenMissing(models.TextChoices):
    """What happens to a mail whose facts lack a variable. Null and blank text are lacking, too."""

    DEFAULT = "default", "use the default"
    SKIP = "skip", "do not send"
    # Publishing a flow checks that its event always carries the path. Should it be missing all the same: do not send.
    REFUSE = "refuse", "refuse to publish a flow that may lack it"


class Template(models.Model):
    """A mail as it is being worked on. Nothing of it is sent before `publish` made a version of it."""

    key = models.SlugField(
        unique=True, db_index=False, help_text="Stable name, used by configuration files. Do not change it later."
    )
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    format = models.CharField(max_length=8, choices=Format, default=Format.HTML)
    # RESTRICT, not PROTECT: deleting the whole template takes its live version along.
    live_version = models.ForeignKey(
        "TemplateVersion", models.RESTRICT, null=True, blank=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Variant(models.Model):
    """A template's draft in one language."""

    template = models.ForeignKey(Template, models.CASCADE, related_name="variants")
    language = models.CharField(
        max_length=35,
        blank=True,
        validators=[RegexValidator(LANGUAGE, "Write a language code such as en or pt-BR.")],
        help_text="Such as en or pt-BR. Empty: for everyone who has no better variant. One of them must be empty.",
    )
    subject = models.CharField(max_length=500)
    preheader = models.CharField(
        max_length=500, blank=True, help_text="Shown by many inboxes after the subject. Hidden in the mail itself."
    )
    html = models.TextField("HTML or MJML")
    text = models.TextField("plain text", blank=True, help_text="Leave empty to have it made from the HTML.")

    class Meta:
        ordering = ["language"]
        constraints = [models.UniqueConstraint(fields=["template", "language"], name="variant_language")]

    def __str__(self) -> str:
        return self.language or "default"


class Variable(models.Model):
    """A value that a template may use. Only declared ones reach it."""

    template = models.ForeignKey(Template, models.CASCADE, related_name="variables")
    name = models.CharField(
        max_length=60,
        validators=[RegexValidator(VARIABLE, "Use letters, digits and underscores; begin with a letter.")],
    )
    path = models.CharField(
        max_length=300,
        validators=[RegexValidator(PATH, "Write a path such as contact.email or event.payload.total.")],
        help_text="Where it comes from, such as contact.attributes.name or event.payload.total.",
    )
    missing = models.CharField("when missing", max_length=8, choices=WhenMissing, default=WhenMissing.SKIP)
    default = models.JSONField(
        null=True, blank=True, help_text="Used when it is missing. Left empty: nothing is shown."
    )
    sample = models.JSONField(
        null=True, blank=True, help_text="For previews, and to try the template before publishing."
    )

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["template", "name"], name="variable_name")]

    def __str__(self) -> str:
        return self.name


class Block(models.Model):
    """A part that templates share, such as a header or a footer: `{% include "footer" %}`.

    Publishing copies it into the version. A later change shows only in what is published after it.
    """

    key = models.SlugField(unique=True, db_index=False)
    name = models.CharField(max_length=200)
    source = models.TextField("HTML or MJML", help_text="In the format of the templates that include it.")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class TemplateVersion(models.Model):
    """A template as it was published. A trigger (first migration) refuses changes, so it may be cached for ever."""

    template = models.ForeignKey(Template, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()  # language -> draft.Parts, compiled. "" is the default language and always there.
    variables = models.JSONField()  # list[draft.Declared]
    source = models.JSONField()  # The Draft it was made from: what a diff or a roll back reads.
    content_hash = models.CharField(max_length=64)  # Of the source. Publishing the same draft again changes nothing.
    published_at = models.DateTimeField(auto_now_add=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["template", "number"], name="version_number")]

    def __str__(self) -> str:
        return f"{self.template} v{self.number}"
