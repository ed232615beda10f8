import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('automation', '0018_endings'),
    ]

    operations = [
        migrations.AddField(
            model_name='espaccount',
            name='region',
            field=models.CharField(blank=True, db_default='', default='', help_text='Only for contacts in this region, since its ESP keeps mails there. Empty: for all.', max_length=16, validators=[django.core.validators.RegexValidator('^[A-Z]{2,3}(-[A-Z0-9]{1,12})?$', 'Write a region as contacts have it, in capitals: EU, US or US-CA, say.')]),
        ),
    ]
