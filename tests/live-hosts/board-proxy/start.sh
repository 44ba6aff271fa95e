# The addresses are those of the network that the host was started on.
# shellcheck shell=sh
own=$(ip -4 -oneline address show scope global | sed -n 's/.* inet \([0-9]*\.[0-9]*\.[0-9]*\)\..*/\1/p')
sed -i "s/10\.0\.0\./$own./g" /etc/nginx/sites-available/*
ln -sf ../sites-available/noticeboard ../sites-available/wiki /etc/nginx/sites-enabled/
nginx -q -t
systemctl reload-or-restart nginx
