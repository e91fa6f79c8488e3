# An installed package needs no repository, so that an image with all packages boots offline.
is_installed() { command -v rpm && rpm -q "$1"; }

# At first boot another process can hold rpm's lock, which dnf does not wait for, or clean dnf's cache in the middle of an
# installation: the agent updates itself. dnf leaves a mirror that is slower than 50 kB/s for 20 s. The limit holds for all packages
# together. A package that no repository knows is tried three times: a repository that cannot be read counts as empty.
# https://github.com/amazonlinux/amazon-linux-2023/issues/397
packages_end=$((SECONDS + packages_seconds))
limited() { if command -v timeout >/dev/null; then timeout --foreground --kill-after=30 "$@"; else shift && "$@"; fi; }
install_package() {
  local attempt=1 pause=2
  while :; do
    enter "installing package $1$(if [ "$attempt" -gt 1 ]; then echo ", attempt $attempt"; fi)"
    if limited "$((packages_end - SECONDS))" \
      dnf install -y --setopt=timeout=20 --setopt=minrate=50k --setopt=retries=3 "$1" >"$packages_log" 2>&1 </dev/null; then
      cat "$packages_log"
      return
    fi
    cat "$packages_log"
    if grep -q 'Unable to find a match' "$packages_log" && [ "$attempt" -ge 3 ]; then break; fi
    if [ "$((SECONDS + pause))" -ge "$packages_end" ]; then break; fi
    sleep "$pause"
    attempt=$((attempt + 1))
    pause=$((pause < 16 ? pause * 2 : 30))
  done
  echo "Package $1 could not be installed in $attempt attempts. It needs a way to the repositories of Amazon Linux." >&2
  exit 1
}
for package in $runtime_packages; do
  is_installed "$package" >/dev/null 2>&1 || install_package "$package"
done
