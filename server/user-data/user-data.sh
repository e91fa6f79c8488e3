# The units of the application, and its environment.
enter 'writing the services and their settings'

cat >"$root/bin/fetch-environment" <<'HOLDFAST_FILE'
@fetch_environment.py
HOLDFAST_FILE

cat >"$root/bin/run-app" <<'HOLDFAST_FILE'
@run_app.py
HOLDFAST_FILE
chmod 0755 "$root/bin/fetch-environment" "$root/bin/run-app"

# Reads the secrets with the server's role, which the application's own unit cannot use. Each start of the application starts it,
# also an automatic restart. Without a limit of starts, because the application has none.
cat >"$root/etc/$secret_service.service" <<HOLDFAST_FILE
[Unit]
Description=Secrets and variables of the application, read before each of its starts
Wants=network-online.target
After=network-online.target
ConditionPathExists=$root/current
StartLimitIntervalSec=0

[Service]
Type=oneshot
Environment="HOLDFAST_ROOT=$root"
EnvironmentFile=$root/etc/instance.env
EnvironmentFile=-$root/etc/proxy.env
ExecStart=/usr/bin/env python3 -I "$root/bin/fetch-environment"
TimeoutStartSec=90
CapabilityBoundingSet=
LockPersonality=true
NoNewPrivileges=true
PrivateDevices=true
PrivateTmp=true
ProtectControlGroups=true
ProtectHome=read-only
ProtectKernelModules=true
ProtectKernelTunables=true
ProtectSystem=strict
ReadWritePaths="$(dirname "$memory")"
RestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK AF_UNIX
RestrictNamespaces=true
RestrictSUIDSGID=true
UMask=0077
HOLDFAST_FILE

app_closed="$closed"
if [ "$aws_access" = true ]; then app_closed=''; fi

# Wants, not Requires: after a failed dependency systemd never restarts the application. store.env is needed instead: without it the
# start fails, and is repeated, secret included.
# No start limit, so that the service also restarts after a long outage of the store; RestartSec limits the rate.
# A Java server exits with 143 on SIGTERM.
cat >"$root/etc/$service.service" <<HOLDFAST_FILE
[Unit]
Description=Application server, rolled by Holdfast
Wants=network-online.target $secret_service.service
After=network-online.target $secret_service.service
ConditionPathExists=$root/current
StartLimitIntervalSec=0

[Service]
Type=simple
User=holdfast
Group=holdfast
WorkingDirectory=$root
Environment="HOLDFAST_ROOT=$root"
EnvironmentFile=$root/etc/instance.env
EnvironmentFile=$root/run/store.env
ExecStart=/usr/bin/env python3 -I "$root/bin/run-app"
Restart=on-failure
RestartSec=1
KillSignal=SIGTERM
SuccessExitStatus=143
TimeoutStartSec=90
TimeoutStopSec=30
# A crash would leave the environment, with its secrets, in the journal and a core file: the kernel starts no handler with this limit.
LimitCORE=1
$app_closed
$bind
NoNewPrivileges=true
PrivateDevices=true
PrivateTmp=true
ProtectControlGroups=true
ProtectHome=true
ProtectKernelModules=true
ProtectKernelTunables=true
ProtectSystem=full
RestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK AF_UNIX
RestrictSUIDSGID=true

[Install]
WantedBy=multi-user.target
HOLDFAST_FILE

systemctl link "$root/etc/$secret_service.service" "$root/etc/$service.service"
systemctl daemon-reload
systemctl enable "$service"
