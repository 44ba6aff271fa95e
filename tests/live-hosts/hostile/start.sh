# What an image cannot hold well: a file of 2 GiB in which nothing is. Run by make.sh in the booted host.
# shellcheck shell=sh
truncate --size 2G /etc/nginx/nginx.conf
