from django.http import HttpResponse
from django.urls import path

from shop.basket import Basket


def show(request):
    basket = request.session.get("basket") or Basket()
    if request.method == "POST":
        basket.things.append(request.POST["thing"])
        request.session["basket"] = basket
    return HttpResponse(", ".join(basket.things) or "nothing")


urlpatterns = [path("", show), path("healthz", lambda request: HttpResponse("well"))]
