# Prepares a server for Holdfast: placeholder, runtime, folders, environment, secret, service. user-data.ts puts the settings in front.
# Runs as root at first boot on Amazon Linux 2023, and unchanged in the local cloud. Running it again changes nothing.

root="${HOLDFAST_ROOT:-/opt/holdfast}"
service=holdfast-app
secret_service=holdfast-store-secret

# Without control groups of version 2 (Amazon Linux 2, RHEL 8), systemd starts a unit with IPAddressDeny, below, and denies nothing.
if [ "$aws_access" != true ] && [ -z "${HOLDFAST_LOCAL_PORT:-}" ] && ! findmnt --types cgroup2 >/dev/null; then
  echo 'systemd cannot close the instance metadata service here, since the server has no control groups of version 2.' >&2
  echo 'Nothing was changed. Boot it with systemd.unified_cgroup_hierarchy=1, or set awsAccess to true for its fleet.' >&2
  exit 1
fi

# What this script does, for the install document, which waits for its end: a word, the phase, and this process or the reason.
state="$root/etc/user-data-state"
packages_log="$root/etc/packages.log"
mkdir -p "$root/etc"
report() {
  printf '%s\n' "$@" >"$state.new"
  mv -f "$state.new" "$state"
}
enter() {
  phase="$1"
  report running "$phase" "$$ $(cat /proc/sys/kernel/random/boot_id 2>/dev/null || true)"
}
leave() {
  local code=$?
  trap - EXIT
  if [ "$code" -eq 0 ]; then report ended 'user data has ended'; else
    report failed "$phase" "exit code $code" "$(if [ -f "$packages_log" ]; then tail -n 5 "$packages_log"; fi)"
  fi
  exit "$code"
}
phase=''
trap leave EXIT
trap 'exit 143' HUP INT TERM
rm -f "$packages_log"
enter 'creating the user and the folders'

mkdir -p "$root/etc" "$root/bin" "$root/releases" "$root/var"
# Values of secrets are in memory, where no boot leaves them. What reads them makes this folder again after one.
memory="${HOLDFAST_LOCAL_MEMORY:-/run/holdfast}"
mkdir -p "$memory"
if [ ! -L "$root/run" ]; then
  # Of an earlier Holdfast: what the service runs with, and what it starts with while nothing can be read.
  for name in store last; do if [ -f "$root/run/store.env" ]; then cp -p "$root/run/store.env" "$memory/$name.env"; fi; done
  rm -rf "$root/run"
  ln -s "$memory" "$root/run"
fi
id -u holdfast >/dev/null 2>&1 || useradd --system --home-dir "$root" --shell /sbin/nologin holdfast
# The application writes below var/ only. run/ contains its secrets, which systemd reads as root into the application's environment: with
# write access there, the application could choose that environment, and where root writes the next secret.
chown holdfast:holdfast "$root/var"
chown root:root "$memory"
chmod 0755 "$root" "$root/etc" "$root/bin" "$root/releases" "$root/var"
chmod 0700 "$memory"

# The application, and the placeholder, cannot act as the server: no credentials of its role (addresses of EC2's metadata service and
# of the endpoints for containers), nothing of the agent's, and no system bus, over which they could start a process outside of their
# units' limits.
closed='IPAddressDeny=169.254.169.254 169.254.170.2 169.254.170.23 fd00:ec2::254 fd00:ec2::23
InaccessiblePaths=-/etc/amazon -/run/dbus -/var/lib/amazon -/var/log/amazon'
# Linux keeps the ports below 1024 for root.
bind=''
if [ "$port" -lt 1024 ]; then bind='AmbientCapabilities=CAP_NET_BIND_SERVICE'; fi
