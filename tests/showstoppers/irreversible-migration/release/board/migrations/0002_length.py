from django.db import migrations, models


def fill(apps, schema_editor):
    for notice in apps.get_model("board", "Notice").objects.all():
        notice.length = len(notice.title)
        notice.save()


class Migration(migrations.Migration):
    dependencies = [("board", "0001_notices")]
    operations = [
        migrations.AddField("Notice", "length", models.IntegerField(null=True)),
        migrations.RunPython(fill),
    ]
