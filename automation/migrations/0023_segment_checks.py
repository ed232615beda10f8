from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('automation', '0022_event_status'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='segmentcheck',
            index=models.Index(condition=models.Q(('status', 'set_aside')), fields=['segment'], name='segment_check_set_aside'),
        ),
    ]
