# Answers the load balancer's health checks until the first release. It needs only the image's Python, and so starts before packages are
# installed. The placeholder's unit and the application's each start only if their condition holds, also after a reboot. They do not use
# Conflicts=, because systemd applies it before it checks conditions: the application's unit, without a release, would only stop this one.
enter 'starting the placeholder'
cat >"$root/bin/placeholder" <<'HOLDFAST_FILE'
@placeholder.py
HOLDFAST_FILE
chmod 0755 "$root/bin/placeholder"
options="--fleet $fleet --region $region --installation $installation"
if [ -n "${HOLDFAST_LOCAL_PORT:-}" ]; then options="--fleet $fleet"; fi
printf '{"host":"%s","port":%s,"healthPath":"%s","next":"%s"}\n' "${HOLDFAST_LOCAL_HOST:-}" "${HOLDFAST_LOCAL_PORT:-$port}" \
  "$health_path" "./holdfast deploy VERSION $options" >"$root/etc/placeholder.json"
cat >"$root/etc/holdfast-placeholder.service" <<HOLDFAST_FILE
[Unit]
Description=Answers health checks until a release is installed
Wants=network-online.target
After=network-online.target
ConditionPathExists=!$root/current
StartLimitIntervalSec=0

[Service]
Type=simple
User=holdfast
Group=holdfast
ExecStart=/usr/bin/env python3 -I "$root/bin/placeholder" "$root/etc/placeholder.json"
Restart=always
RestartSec=1
TimeoutStopSec=5
TasksMax=512
$closed
$bind
LockPersonality=true
NoNewPrivileges=true
PrivateDevices=true
PrivateTmp=true
ProtectControlGroups=true
ProtectHome=true
ProtectKernelModules=true
ProtectKernelTunables=true
ProtectSystem=strict
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=true
RestrictSUIDSGID=true

[Install]
WantedBy=multi-user.target
HOLDFAST_FILE
systemctl link "$root/etc/holdfast-placeholder.service"
systemctl daemon-reload
systemctl enable holdfast-placeholder
# A server without its placeholder can still be installed.
systemctl start holdfast-placeholder || echo 'holdfast-placeholder did not start' >&2
