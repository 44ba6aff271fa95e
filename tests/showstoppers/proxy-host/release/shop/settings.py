import os

SECRET_KEY = os.environ["SECRET_KEY"]
ALLOWED_HOSTS = ["www.shop.example"]
ROOT_URLCONF = "shop.urls"
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware"]
# New: nobody shops without HTTPS.
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = ["^healthz$"]
