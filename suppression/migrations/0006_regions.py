import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    """Nothing changes in the database: rules of regions that nobody can be in are refused when they are entered."""

    dependencies = [("suppression", "0005_lists")]

    operations = [
        migrations.AlterField(
            model_name="regionrule",
            name="region",
            field=models.CharField(
                blank=True,
                help_text="As contacts have it: EU, DE, US, US-CA … Empty: every other, and unknown.",
                max_length=16,
                validators=[
                    django.core.validators.RegexValidator(
                        "^[A-Z]{2,3}(-[A-Z0-9]{1,12})?$",
                        "Write a region as contacts have it, in capitals: EU, US or US-CA, say.",
                    )
                ],
            ),
        ),
    ]
