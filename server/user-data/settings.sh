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
  setting HOLDFAST_DATA "$root/var"
  setting NODE_EXTRA_CA_CERTS "${HOLDFAST_LOCAL_CA:-}"
  setting HOLDFAST_APPLICATION_NAME "${of_application:-}"
  setting HOLDFAST_DEPLOYMENT_GROUP_NAME "${of_group:-}"
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
