from django.core.files.storage import default_storage
from django.http import HttpResponse
from django.urls import path


def upload(request):
    picture = request.FILES["picture"]
    return HttpResponse(default_storage.save(picture.name, picture))


urlpatterns = [path("", lambda request: HttpResponse("The shop")), path("upload/", upload)]
