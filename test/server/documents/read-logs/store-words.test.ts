/** What clients write of a store that is blocked, slow, full, away or refuses them, next to what applications write of sessions that ended. */
import { expect, it } from 'vitest';
import { evaluate } from '../run-python.ts';

type Entry = readonly [source: string, ...lines: string[]];

const LETTUCE_RECONNECTS = 'Reconnecting, last destination was sandbox.com/10.1.1.1:6379';

const BY_CATEGORY: Readonly<Record<string, readonly Entry[]>> = {
  storeConnection: [
    ['ioredis, logged by an application: SAVE blocked the primary', 'session store: Error: Command timed out'],
    ['ioredis, behind more words', 'Could not load session for request: Command timed out'],
    ['ioredis', 'session save failed: Error: Command timed out'],
    ['mx-space/core#2762', '⚠ [RedisService] {"module":"RedisService","message":"Redis connection closed","redisStatus":"reconnecting"}'],
    ['ioredis, by pino', '{"level":50,"time":1795771800000,"pid":1,"msg":"session store: Command timed out"}'],
    ['ioredis', "session store: Error: Socket timeout. Expecting data, but didn't receive any in 5000ms."],
    ['ioredis', "session store: Error: Stream isn't writeable and enableOfflineQueue options is false"],
    ['ioredis, a cluster', "Error: Cluster isn't ready and enableOfflineQueue options is false"],
    ['ioredis, a cluster', '[ioredis] Unhandled error event: Error: None of startup nodes is available'],
    ['tj/connect-redis#119', '500 Error: Redis connection to shop:6379 failed - read ETIMEDOUT'],
    ['redis/node-redis#2032, without the name of the client', 'SocketClosedUnexpectedlyError: Socket closed unexpectedly'],
    ['node-redis', 'session store: Error: Connection timeout'],
    [
      'node-redis',
      'CommandTimeoutDuringMaintenanceError: Command timeout during maintenance. Waited to write command for more than 1000ms.',
    ],
    ['node-redis', 'session store: ClientOfflineError: The client is offline'],
    ['node-redis', 'session store: Error: The queue is full'],
    ['node-redis', 'RootNodesUnavailableError: All the root nodes are unavailable'],
    ['node-redis 3', 'Redis connection in broken state: retry aborted.'],
    [
      'Lettuce',
      'WARN 1 --- [ioEventLoop-4-1] i.l.core.protocol.ConnectionWatchdog : Cannot reconnect to [10.1.1.1/<unresolved>:6379]: Connection refused: /10.1.1.1:6379',
    ],
    ['Lettuce', 'io.lettuce.core.RedisException: Currently not connected. Commands are rejected.'],
    ['Lettuce', 'io.lettuce.core.RedisException: Request queue size exceeded: 1000. Commands are not accepted until the queue size drops.'],
    ['Lettuce', 'ERROR io.lettuce.core.cluster.PartitionSelectorException: Cannot determine a partition for slot 9259.'],
    ['Lettuce, by a filter', 'ERROR SessionRepositoryFilter: could not load session: Command timed out after 1 minute(s)'],
    ['redis/jedis#3248', 'redis.clients.jedis.exceptions.JedisConnectionException: java.net.SocketTimeoutException: Read timed out'],
    [
      'Jedis',
      'ERROR redis.clients.jedis.providers.SentineledConnectionProvider - Lost connection to Sentinel at 10.0.0.1:26379. Sleeping 5000ms and retrying.',
    ],
    ['redisson/redisson#5538', 'org.redisson.client.RedisTimeoutException: Unable to acquire connection! Increase connection pool size'],
    [
      'redisson/redisson#3440',
      "org.redisson.client.RedisTimeoutException: Command still hasn't been written into connection! Increase nettyThreads",
    ],
    [
      'Redisson',
      "ERROR o.r.connection.ClusterConnectionManager - Can't update cluster state using nodes: [10.0.0.1:6379]. A new attempt will be made.",
    ],
    ['redis-py, with a pool that blocks', 'redis.exceptions.ConnectionError: No connection available.'],
    ['redis-py, a cluster', 'redis.exceptions.ClusterError: TTL exhausted.'],
    ['redis-py, a cluster', 'redis.exceptions.SlotNotCoveredError: Slot "9259" is not covered by the cluster.'],
    [
      'ahopkins/sanic-session#82',
      '[ERROR] Exception occurred in one of response middleware handlers',
      'Traceback (most recent call last):',
      '  File "/usr/lib/python3.9/site-packages/aioredis/connection.py", line 181, in _read_data',
      '    obj = await self._reader.readobj()',
      'TimeoutError: [Errno 110] Connection timed out',
    ],
    ['go-redis', 'ERROR session store get: context deadline exceeded'],
    ['go-redis', 'redis: all ring shards are down'],
    ['redigo', 'session: redigo: connection pool exhausted'],
    ['SkygearIO/skygear-server#1206', 'failed to get session: redigo: no sentinels available; last error: dial tcp: i/o timeout'],
    [
      'oauth2-proxy/oauth2-proxy#1630',
      'Error loading cookied session: failed to load the session state with the ticket: error loading redis session: dial tcp: i/o timeout, removing session',
    ],
    ['Go', 'session store: EOF'],
    ['redis-rb', 'Redis::BaseConnectionError: EOFError: end of file reached'],
    [
      'StackExchange/StackExchange.Redis#83',
      'Timeout performing EVAL, inst: 19, mgr: Inactive, queue: 6, qu: 0, qs: 6, qc: 0, wr: 0, wq: 0, in: 4879, ar: 0',
    ],
    [
      'StackExchange.Redis',
      'System.TimeoutException: Timeout awaiting response (outbound=1KiB, inbound=0KiB, 5953ms elapsed, timeout is 5000ms), command=HMGET, next: HMGET, inst: 0, qu: 0',
    ],
    [
      'StackExchange.Redis',
      'The message timed out in the backlog attempting to send because no connection became available (5000ms) - Last Connection Exception: SocketFailure on shop:6380/Interactive',
    ],
    ['ASP.NET Core', 'warn: Microsoft.AspNetCore.Session.DistributedSession[9] Loading the session timed out.'],
    ['ASP.NET Core', 'warn: Microsoft.AspNetCore.Session.SessionMiddleware[10] Committing the session timed out.'],
    ['phpredis 6', 'read error on connection to 10.0.0.7:6380'],
    ['phpredis', 'PHP Warning:  session_start(): Error communicating with Redis server in /srv/app/x.php on line 3'],
    ['phpredis', 'PHP Warning:  session_write_close(): Error communicating with Redis server in /srv/app/x.php on line 3'],
    ['Credis', 'CredisException: Connection to Redis failed after 2 failures.'],
    [
      'predis/predis#507',
      'production.ERROR: Error while reading line from the server. [tcp://shop.internal:6380] {"exception":"[object] (Predis\\\\Connection\\\\ConnectionException(code: 0))"} []',
    ],
    ['Predis', 'Predis\\Connection\\ConnectionException: Error while writing bytes to the server. [tcp://10.0.0.7:6379]'],
    ['Redix', '[error] Redix.Connection: Failed to connect to Redis (10.0.0.7:6380): TCP error: :econnrefused'],
    ['redis-rb/redis-client#202', 'RedisClient::ReadTimeoutError: Waited 4.0 seconds'],
    ['Vert.x', 'ERROR io.vertx.redis.client.impl.RedisConnectionManager Redis waiting Queue is full'],
    ['a store of a cluster', 'ERR max number of clients + cluster connections reached'],
    ['a store', 'session store: ReplyError: TRYAGAIN Multiple keys request during rehashing of slot'],
    ['a store, to a client that is not for clusters', 'session store: ReplyError: ASK 3999 127.0.0.1:6381'],
    ['a store', 'ReplyError: BUSY Valkey is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.'],
    ['an application', 'session lookup timed out'],
    ['an application', 'session store connection timed out'],
    ['an application', 'Session get operation timed out after 2000ms'],
    ['an application, at an error with a path', '{"level":50,"req":{"method":"GET","url":"/cart"},"msg":"redis: connection refused"}'],
  ],
  readOnly: [
    ['a store', 'session store: ReplyError: MISCONF Errors writing to the AOF file: No space left on device'],
    ['a store', 'session store: NOREPLICAS Not enough good replicas to write.'],
  ],
  outOfMemory: [
    ['a store', "session store: EXECABORT Transaction discarded because of: OOM command not allowed when used memory > 'maxmemory'."],
  ],
  sessionTimeout: [
    'Your session timed out',
    'Your session has timed out. Please log in again.',
    'INFO session of user 17 timed out',
    'WARN HttpSession timed out after 1800 s',
    'HttpSession 3BD6A1 timed out',
    'Session 3BD6A1 was invalidated',
    'INFO user session abc timed out due to inactivity',
    'ERROR session abc (user 1) timed out',
    'User session for store 5 timed out',
    'Session for request 12 has expired',
    'redis session 3bd6 has expired',
    'session abc in Redis has expired',
    'session cookie has expired',
    'session abc: expired',
    'TokenMismatchException: session token expired',
    'Error loading session: session 12 has expired',
    'could not load session abc: session timed out',
    '{"level":40,"msg":"session expired","sid":"abc"}',
    'DEBUG o.s.s.w.session.SessionManagementFilter : Request requested invalid session id 3BD6',
  ].map((line): Entry => ['an application', line]),
  '': [
    ['redis/lettuce#2480', `INFO 7669 --- [xecutorLoop-1-9] i.l.core.protocol.ConnectionWatchdog     : ${LETTUCE_RECONNECTS}`],
    ['Lettuce, without a level', `io.lettuce.core.protocol.ConnectionWatchdog - ${LETTUCE_RECONNECTS}`],
    [
      'Lettuce, in JSON',
      `{"@version":"1","message":"${LETTUCE_RECONNECTS}","logger_name":"io.lettuce.core.protocol.ConnectionWatchdog","level":"INFO"}`,
    ],
    ['Lettuce, a host of that name', `INFO i.l.c.p.ConnectionWatchdog : ${LETTUCE_RECONNECTS.replace('sandbox', 'redis-timeout')}`],
    [
      'redis/lettuce#2480',
      'INFO 7669 --- [oEventLoop-6-10] i.l.core.protocol.ReconnectionHandler    : Reconnected to sandbox.com/<unresolved>:6379',
    ],
    [
      'Lettuce, in detail',
      'DEBUG 1 --- [ioEventLoop-4-1] i.l.core.protocol.DefaultEndpoint : [channel=0x1] notifyChannelInactive disconnected',
    ],
    ['Redisson', 'INFO  o.r.c.MasterSlaveConnectionManager - slave: redis://10.0.0.1:6379 is up'],
    ['redis/ioredis#456', 'ioredis:redis status[127.0.0.1:6379]: close -> reconnecting +0ms'],
    ['redis/ioredis#456', 'ioredis:connection send 3 commands in offline queue +0ms'],
    ['node-redis', '[info] Redis client is reconnecting...'],
    ['NestJS', '[Nest] 12  - 11/27/2026, 4:00:00 AM     LOG [RedisModule] redis client closed'],
    ['winston', 'info: Redis connection closed, quitting'],
    ['pino', '{"level":30,"time":1795771800000,"pid":1,"msg":"redis connection closed"}'],
    ['Redix', '[info] Reconnected to Redis (10.0.0.7:6380)'],
    ['phpredis: a lock of another request', 'PHP Warning:  session_write_close(): Session lock expired in /srv/app/x.php on line 3'],
    ['another command', 'Error: Command timed out: npm install'],
    ['another pool', 'ConnectionPool::TimeoutError: Waited 5 sec, 0/5 available'],
    ['other words', 'ERROR password reset token not found in redis'],
    ['other words', 'WARN rediscovery of peers timed out'],
    ['a session of another protocol', 'WARN SSH session read timed out'],
    ['a session of another protocol', 'ERROR WebSocket session write timed out'],
    ['a session of another protocol', 'ERROR hibernate session: Command timed out'],
    ['a path', 'GET /redis-timeout 404'],
    ['a path', 'GET /SessionExpired.aspx 200 12ms'],
    ['a path', 'GET /session Command timed out'],
    ['a path', 'Started GET "/redis/timeout" for 127.0.0.1 at 2026-11-27 10:00:00 +0000'],
    ['a path', '{"level":"error","req":{"method":"GET","url":"/redis/closed"},"msg":"request failed"}'],
    ['a path', 'method=GET path=/redis-timeout format=html controller=X status=404'],
    ['a path', 'ActionController::RoutingError (No route matches [GET] "/redis-timeout"):'],
    ['a path', 'ERROR Not Found: /redis/refused'],
    ['a page', '10.0.0.1 - - "GET /a HTTP/1.1" 200 17 "https://redis.example.com/timeout" "curl"'],
  ],
};
const ENTRIES = Object.entries(BY_CATEGORY).flatMap(([category, entries]) => entries.map((entry) => [category, ...entry] as const));

it('each is one entry, in its category', async () => {
  const given = ENTRIES.map(([, , first, ...rest]) => [`2026-11-27 04:00:00,123 ${first}`, ...rest]);
  const read = await evaluate<(string | null)[][]>(
    '[[category_of(entry) for entry in entries_of(each, line_time_ms)] for each in given]',
    given,
    'application_log',
  );
  expect(read.map((categories, index) => [categories.map((name) => name ?? ''), ...(ENTRIES[index] ?? [])])).toEqual(
    ENTRIES.map(([category, ...entry]) => [[category], category, ...entry]),
  );
});
