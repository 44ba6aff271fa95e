SECRET_KEY = "of nobody"
ALLOWED_HOSTS = ["www.board.example"]
ROOT_URLCONF = "board.urls"
INSTALLED_APPS = ["board"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "/srv/shop/data/board.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
