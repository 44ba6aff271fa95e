from django.http import HttpResponse
from django.urls import path

from board.models import Notice


def show(request):
    if request.method == "POST":
        Notice.objects.create(title=request.POST["title"])
    notices = Notice.objects.order_by("id")
    return HttpResponse("".join(f"{notice.title}, {notice.length or '?'} letters\n" for notice in notices))


urlpatterns = [path("", show), path("healthz", lambda request: HttpResponse("well"))]
