# The till, as Apache finds it.
from ihatemoney.wsgi import application
