from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('automation', '0019_residency'),
    ]

    operations = [
        migrations.AlterField(
            model_name='apikey',
            name='scopes',
            field=ArrayField(base_field=models.CharField(choices=[('events:write', 'post events'), ('contacts:write', 'create and change contacts'), ('suppressions:read', 'see and check who must not be mailed'), ('suppressions:write', 'suppress addresses, and lift that'), ('consents:write', 'tell who agreed to what, and ask people to confirm'), ('segments:read', 'see segments and who is in them'), ('privacy', 'export and erase all that is known of a person')], max_length=32), default=list, size=None),
        ),
    ]
