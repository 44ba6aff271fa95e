SECRET_KEY = "of no use here: nothing is signed"
ALLOWED_HOSTS = ["www.shop.example"]
ROOT_URLCONF = "shop.urls"
MEDIA_ROOT = "/srv/shop/uploads"
LOGGING = {"version": 1, "handlers": {"console": {"class": "logging.StreamHandler"}},
           "root": {"handlers": ["console"], "level": "WARNING"}}
