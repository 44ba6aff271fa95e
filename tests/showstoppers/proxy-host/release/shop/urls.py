from django.http import HttpResponse
from django.urls import path

urlpatterns = [
    path("", lambda request: HttpResponse("Welcome to the shop")),
    path("healthz", lambda request: HttpResponse("well")),
]
