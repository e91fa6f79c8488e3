/** Replies to INFO, as Valkey 8 writes them, with what a test is about. */
export const primaryInfo = (fields: Readonly<Record<string, string | number>> = {}): string =>
  text({
    run_id: 'a'.repeat(40),
    uptime_in_seconds: 86_400,
    connected_clients: 12,
    maxclients: 1_000,
    used_memory: 400,
    used_memory_dataset: 300,
    maxmemory: 1_000,
    keyspace_hits: 1_000,
    keyspace_misses: 100,
    evicted_keys: 5,
    acl_access_denied_auth: 2,
    total_error_replies: 2,
    used_cpu_sys: 900,
    used_cpu_user: 900,
    used_cpu_sys_main_thread: 100.5,
    used_cpu_user_main_thread: 200,
    role: 'master',
    master_replid: 'c'.repeat(40),
    master_repl_offset: 5_000,
    slave0: 'ip=10.0.0.2,port=6379,state=online,offset=4900,lag=1',
    slave1: 'ip=10.0.0.3,port=6379,state=online,offset=5000,lag=0',
    db0: 'keys=110,expires=100,avg_ttl=900000',
    ...fields,
  });

export const replicaInfo = (fields: Readonly<Record<string, string | number>> = {}): string =>
  text({
    run_id: 'b'.repeat(40),
    uptime_in_seconds: 86_400,
    connected_clients: 3,
    maxclients: 1_000,
    used_memory: 390,
    maxmemory: 1_000,
    keyspace_hits: 50,
    keyspace_misses: 0,
    evicted_keys: 0,
    role: 'slave',
    master_link_status: 'up',
    master_last_io_seconds_ago: 3,
    slave_repl_offset: 4_900,
    master_replid: 'c'.repeat(40),
    master_repl_offset: 4_900,
    db0: 'keys=110,expires=100,avg_ttl=900000',
    ...fields,
  });

const text = (fields: Readonly<Record<string, string | number>>): string =>
  ['# Everything', ...Object.entries(fields).map(([name, value]) => `${name}:${value}`), ''].join('\r\n');
