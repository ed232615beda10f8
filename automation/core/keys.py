"""The names that people give to what rules, flows and files refer to."""

from django.core.validators import RegexValidator

key_validator = RegexValidator(
    r"^[a-z0-9][a-z0-9_-]*$", "Small letters, digits, - and _ only; begin with a letter or a digit."
)
