from django.db import migrations, models


class Migration(migrations.Migration):
    operations = [
        migrations.CreateModel(
            "Notice", [("id", models.AutoField(primary_key=True)), ("title", models.CharField(max_length=200))]
        )
    ]
