# The addresses are those of the network that the host was started on, where its database answers already.
# shellcheck shell=sh
own=$(ip -4 -oneline address show scope global | sed -n 's/.* inet \([0-9]*\.[0-9]*\.[0-9]*\)\..*/\1/p')
sed -i "s/10\.0\.0\./$own./g" /etc/systemd/system/noticeboard.service
systemctl daemon-reload
for command in migrate collectstatic create-admin; do
    systemd-run --quiet --wait --pipe --collect --uid=noticeboard --property=WorkingDirectory=/srv/noticeboard \
        --property=EnvironmentFile=/etc/noticeboard/env --property=UMask=0027 /srv/noticeboard/venv/bin/noticeboard-admin "$command"
done
systemctl enable --quiet --now noticeboard.service
