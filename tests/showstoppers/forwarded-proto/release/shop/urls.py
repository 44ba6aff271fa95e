from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.http import HttpResponse
from django.urls import path

urlpatterns = [
    path("", login_required(lambda request: HttpResponse(f"Welcome, {request.user}"), login_url="/login/")),
    path("login/", LoginView.as_view(template_name="login.html")),
]
