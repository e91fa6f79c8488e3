/** Features of real machines that local ones do not have. */
export const NOT_EMULATED = [
  'Machines share the host: user data runs as the user who started the local cloud, in a folder of its own but without a container.',
  'Packages are not installed: dnf takes some time and reports success, and a release uses the host’s programs.',
  'Commands that need root (useradd, chown and the like) are logged in var/log/skipped-commands.log and have no effect. Services run as one user, so that one can read what another may not: files and /proc. Of a unit’s hardening, User= (no systemctl, another home) and IPAddressDeny= of the metadata service (no credentials) apply.',
  'Every port of a machine leads to the one loopback port of its application; security groups are ignored.',
  'systemd: simple and one-shot services with ExecStartPre, environment files, Wants, Requires, After, Restart, timeouts and start limits; no timers, sockets, or other dependencies. A journal has messages alone, and the time of systemd’s own.',
  'A machine gets its role’s session once, through its environment and not from an instance metadata service; the session does not expire.',
  'A stopped machine cannot be started again; a reboot starts its services again.',
] as const;
