/** The user of redis_exporter (ops/monitoring): its name and its permissions. */
export const MONITORING_USER = 'monitoring';

/** All commands of redis_exporter, without access to keys. SLOWLOG GET returns the latest slow command with its arguments. */
export const MONITORING_ACCESS =
  'on resetkeys resetchannels -@all +ping +info +client|setname +slowlog|len +slowlog|get +latency|latest +latency|histogram';
