/** The user of redis_exporter (ops/monitoring), by its name and by what it may do on a store. */
export const MONITORING_USER = 'monitoring';

/** All that redis_exporter asks of a store, and not one key. SLOWLOG GET tells the latest slow command, with its words. */
export const MONITORING_ACCESS =
  'on resetkeys resetchannels -@all +ping +info +client|setname +slowlog|len +slowlog|get +latency|latest +latency|histogram';
