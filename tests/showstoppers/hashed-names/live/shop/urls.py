from django.http import HttpResponse
from django.templatetags.static import static
from django.urls import path


def show(request):
    return HttpResponse(f"<link rel=stylesheet href='{static('shop.css')}'>Ship in a bottle: 40 EUR")


urlpatterns = [path("", show), path("healthz", lambda request: HttpResponse("well"))]
