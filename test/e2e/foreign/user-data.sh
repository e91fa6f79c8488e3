# The shop's own way to run its server: fetched from its bucket, a service of its own, sessions in its own store.
# A machine of the local cloud has its folder as HOME, a port of its own, and the local root certificate in a file.
root="${HOME:-/root}/shop"
mkdir -p "$root"
aws s3 cp "s3://$bucket/server.mjs" "$root/server.mjs"
aws s3 cp "s3://$bucket/package.json" "$root/package.json"
password="$(aws secretsmanager get-secret-value --secret-id "$secret" --query SecretString --output text |
  python3 -c 'import json, sys; print(json.load(sys.stdin)["password"])')"

umask 077
cat >"$root/shop.env" <<SHOP
PORT="${HOLDFAST_LOCAL_PORT:-8080}"
HOST="${HOLDFAST_LOCAL_HOST:-}"
NODE_EXTRA_CA_CERTS="${HOLDFAST_LOCAL_CA:-}"
SESSION_STORE_HOST="$store_host"
SESSION_STORE_PORT="$store_port"
SESSION_STORE_TLS="true"
SESSION_STORE_USER="shop-application"
SESSION_STORE_PASSWORD="$password"
SHOP

cat >"$root/shop.service" <<SHOP
[Unit]
Description=The shop

[Service]
WorkingDirectory=$root
EnvironmentFile=$root/shop.env
ExecStart=/usr/bin/env node server.mjs
Restart=always
RestartSec=1
TimeoutStopSec=30

[Install]
WantedBy=multi-user.target
SHOP

systemctl link "$root/shop.service"
systemctl daemon-reload
systemctl enable --now shop.service
