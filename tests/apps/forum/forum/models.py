"""What people write."""

from django.db import models


class Post(models.Model):
    text = models.TextField()
    written = models.DateTimeField(auto_now_add=True)
