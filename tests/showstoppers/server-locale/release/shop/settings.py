SECRET_KEY = "of no use here: nothing is signed"
ALLOWED_HOSTS = ["www.shop.example"]
ROOT_URLCONF = "shop.urls"
MEDIA_ROOT = "/srv/shop/uploads"
LOGGING = {"version": 1, "disable_existing_loggers": False,
           "handlers": {"console": {"class": "logging.StreamHandler"}},
           "root": {"handlers": ["console"], "level": "WARNING"}}
