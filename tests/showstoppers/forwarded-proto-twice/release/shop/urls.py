from django.http import JsonResponse
from django.urls import path


def login(request):
    seen = {key: request.META.get(key) for key in ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "REMOTE_ADDR")}
    return JsonResponse({"secure": request.is_secure(), "address": request.build_absolute_uri(), **seen})


urlpatterns = [path("login/", login)]
