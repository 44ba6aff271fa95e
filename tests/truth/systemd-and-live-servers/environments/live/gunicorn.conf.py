"""The live one."""

import multiprocessing

bind = "unix:/run/shop/web.sock"
workers = min(multiprocessing.cpu_count(), 1)
daemon = True
pidfile = "/run/shop/web.pid"
accesslog = "/var/log/shop/access.log"
umask = 0o007
group = "www-data"
