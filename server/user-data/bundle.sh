# Prepares a server that runs its own service, for CodeDeploy bundles: Holdfast's folder and its settings, and nothing else.
root="${HOLDFAST_ROOT:-/opt/holdfast}"
mkdir -p "$root/etc" "$root/releases"
chmod 0755 "$root" "$root/etc" "$root/releases"
