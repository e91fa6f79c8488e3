/** What a user of real machines would miss on local ones. */
export const NOT_EMULATED = [
  'Machines share the host: user data runs as the user who started the local cloud, in a folder of its own but without a container.',
  'Packages are not installed: dnf reports them as present, and a release starts what the host has.',
  'Commands that need root (useradd, chown and the like) are noted in var/log/skipped-commands.log and do nothing; services run as one user, and unit hardening is ignored.',
  'Every port of a machine leads to the one port that its application got on the loopback; security groups are not looked at.',
  'systemd: simple services with ExecStartPre, environment files, Restart, time-outs and start limits; no timers, sockets, dependencies or journal.',
  'A machine gets the session of its role once, through its environment, not from an instance metadata service; it does not expire.',
  'A stopped machine cannot be started again.',
] as const;
