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

# Values contain no quotes, backslashes or dollar signs: user-data.ts and the patterns of AWS's names ensure it.
setting() {
  if [ -n "$2" ]; then printf '%s="%s"\n' "$1" "$2"; fi
}
{
  setting PORT "${HOLDFAST_LOCAL_PORT:-$port}"
  setting STATUS_PORT "${HOLDFAST_LOCAL_STATUS_PORT:-}"
  setting HOST "${HOLDFAST_LOCAL_HOST:-}"
  # What cloud-init knows from the metadata service, which the application cannot ask. Absent on machines that are not EC2's.
  setting HOLDFAST_INSTANCE_ID "${HOLDFAST_LOCAL_INSTANCE_ID:-$(cat /var/lib/cloud/data/instance-id 2>/dev/null || true)}"
  setting AWS_REGION "$region"
  setting AWS_DEFAULT_REGION "$region"
  setting SESSION_STORE_HOST "$store_host"
  setting SESSION_STORE_PORT "$store_port"
  setting SESSION_STORE_TLS "$store_tls"
  setting SESSION_STORE_USER "$store_user"
  setting SESSION_STORE_KEY_PREFIX "$store_key_prefix"
  setting STORE_SECRET_ARN "$store_secret_arn"
  setting ENVIRONMENT_PARAMETER "$environment_parameter"
  setting CRITICAL_ACTIONS_TABLE "$critical_actions_table"
  setting CRITICAL_ACTIONS_SECRET_ARN "$critical_actions_secret_arn"
  setting CLUSTER_SECRET_ARN "$cluster_secret_arn"
  setting HOLDFAST_NODE_ADDRESS "${HOLDFAST_LOCAL_ADDRESS:-}"
  setting HOLDFAST_DATA "$root/var"
  setting NODE_EXTRA_CA_CERTS "${HOLDFAST_LOCAL_CA:-}"
} >"$root/etc/instance.env.new"
chmod 0644 "$root/etc/instance.env.new"
# The server's earlier service: the first install stops it, after the drain. This script does not change it.
if [ -n "$replaces_service" ]; then
  printf '%s\n' "$replaces_service" >"$root/etc/replaces-service"
else
  rm -f "$root/etc/replaces-service"
fi
# Last: this file means that the server is prepared.
mv "$root/etc/instance.env.new" "$root/etc/instance.env"
