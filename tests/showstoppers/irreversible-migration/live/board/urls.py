from django.http import HttpResponse
from django.urls import path

from board.models import Notice


def show(request):
    if request.method == "POST":
        Notice.objects.create(title=request.POST["title"])
    titles = Notice.objects.order_by("id").values_list("title", flat=True)
    return HttpResponse("".join(f"{title}\n" for title in titles))


urlpatterns = [path("", show), path("healthz", lambda request: HttpResponse("well"))]
