"""The pages."""

import uuid

from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse, JsonResponse
from django.urls import path
from django.utils.html import escape

from .models import Post


def front(request):
    if request.method == "POST":
        Post.objects.create(text=request.POST["text"])
        request.session["posts"] = request.session.get("posts", 0) + 1
    posts = "".join(f"<li>{escape(post.text)}</li>" for post in Post.objects.order_by("-id")[:20])
    mine = request.session.get("posts", 0)
    return HttpResponse(
        f'<!doctype html><link rel="stylesheet" href="/static/forum/forum.css"><h1>{escape(settings.TITLE)}</h1>'
        f"<p>{request.scheme}, {mine} of yours</p><ul>{posts}</ul>"
    )


def health(request):
    mark = uuid.uuid4().hex
    cache.set("health-" + mark, mark, 5)
    Post.objects.count()
    return JsonResponse({"database": True, "cache": cache.get("health-" + mark) == mark})


urlpatterns = [path("", front), path("healthz", health)]
