/** Errors as users of clients and frameworks have reported them, each in the form of its logger: the category that is right for it. */
import { expect, it } from 'vitest';
import { evaluate } from '../run-python.ts';

type Report = readonly [source: string, category: string, lines: readonly string[]];

/** Without what a report does not need: names of hosts and folders are other ones. */
const REPORTS: readonly Report[] = [
  [
    'redis/ioredis#337',
    'storeConnection',
    [
      '[ioredis] Unhandled error event: Error: Connection is closed.',
      '    at close (/srv/app/node_modules/ioredis/lib/redis/event_handler.js:99:21)',
      '    at Socket.<anonymous> (/srv/app/node_modules/ioredis/lib/redis/event_handler.js:74:14)',
    ],
  ],
  ['tj/connect-redis#35', 'storeConnection', ['[Error: Redis connection to 192.168.68.129:3001 failed - connect ECONNREFUSED]']],
  [
    'nestjs with @node-redis: The client is closed',
    'storeConnection',
    [
      'Error: The client is closed',
      '    at Commander._RedisClient_sendCommand (/srv/app/node_modules/@node-redis/client/dist/lib/client/index.js:393:31)',
      '    at RedisStore.get (/srv/app/node_modules/connect-redis/lib/connect-redis.js:33:19)',
      '    at session (/srv/app/node_modules/express-session/index.js:485:11)',
    ],
  ],
  [
    'nkrode/RedisLive#75',
    'storeConnection',
    [
      'Exception in thread Thread-1:',
      'Traceback (most recent call last):',
      '  File "/usr/local/lib/python2.7/dist-packages/redis/connection.py", line 137, in _read_from_socket',
      '    (e.args,))',
      "ConnectionError: Error while reading from socket: ('Connection closed by server.',)",
    ],
  ],
  [
    'ionelmc/django-redisboard#44',
    'storeConnection',
    [
      'ERROR Internal Server Error: /',
      'Traceback (most recent call last):',
      '  File "/usr/local/lib/python3.8/site-packages/redis/connection.py", line 212, in _read_from_socket',
      '    raise TimeoutError("Timeout reading from socket")',
      'redis.exceptions.TimeoutError: Timeout reading from socket',
    ],
  ],
  [
    'ran-jit/tomcat-cluster-redis-session-manager#18',
    'storeConnection',
    [
      'redis.clients.jedis.exceptions.JedisException: Could not get a resource from the pool',
      '\tat redis.clients.util.Pool.getResource(Pool.java:51)',
      '\tat tomcat.request.session.redis.SessionManager.findSession(SessionManager.java:210)',
    ],
  ],
  [
    'redis/jedis#261',
    'storeConnection',
    [
      '警告: EXCEPTION, please implement handler.exceptionCaught() for proper handling.',
      'redis.clients.jedis.exceptions.JedisConnectionException: Could not get a resource from the pool',
      '    at redis.clients.util.Pool.getResource(Pool.java:22)',
    ],
  ],
  [
    'redis/lettuce#2088',
    'storeConnection',
    [
      'WARN  : springSessionRedisMessageListenerContainer-1022230 : Execution of message listener failed, and no ErrorHandler has been set. ',
      'org.springframework.dao.QueryTimeoutException: Redis command timed out; nested exception is io.lettuce.core.RedisCommandTimeoutException: Command timed out after 2500 millisecond(s)',
      '\tat org.springframework.data.redis.connection.lettuce.LettuceExceptionConverter.convert(LettuceExceptionConverter.java:70) ~[spring-data-redis-2.3.9.RELEASE.jar:2.3.9.RELEASE]',
    ],
  ],
  [
    'phpredis/phpredis#2139',
    'storeConnection',
    [
      'PHP Warning:  session_start(): Failed to read session data: redis (path: tcp://shop.cache.amazonaws.com:6379?auth=) in /srv/app/db_init.php on line 20',
    ],
  ],
  [
    'colinmollenhour/Cm_RedisSession#50',
    'storeConnection',
    [
      "ERR (3): exception 'RedisException' with message 'read error on connection' in /srv/app/lib/Credis/Client.php:901",
      'Stack trace:',
      '#0 [internal function]: Redis->select(2)',
    ],
  ],
  [
    'the same, of another client',
    'storeConnection',
    [
      "Next exception 'CredisException' with message 'read error on connection' in /srv/app/lib/Credis/Client.php:919",
      'Stack trace:',
      "#0 /srv/app/lib/Credis/Client.php(586): Credis_Client->__call('select', Array)",
    ],
  ],
  [
    'phpredis/phpredis#184',
    'storeConnection',
    [
      "PHP Fatal error:  Uncaught exception 'RedisException' with message 'Connection closed' in /srv/app/connect.php:31",
      'Stack trace:',
      '#0 /srv/app/connect.php(31): session_start()',
    ],
  ],
  [
    'sidekiq/sidekiq#5333: a client without the mode for clusters',
    'storeConnection',
    ['WARN: Redis::CommandError: MOVED 9259 172.31.24.68:6379', "/usr/lib/ruby/gems/redis-4.5.1/lib/redis/client.rb:163:in `call'"],
  ],
  [
    'redisson/redisson#3992',
    'storeConnection',
    [
      "ERROR org.redisson.client.RedisException: CROSSSLOT Keys in request don't hash to the same slot. channel: [id: 0x1]",
      '\tat org.redisson.client.handler.CommandDecoder.decode(CommandDecoder.java:370)',
    ],
  ],
  [
    'dotnet/aspnetcore#39807',
    'decryption',
    [
      'warn: Microsoft.AspNetCore.Session.SessionMiddleware[7]',
      '      Error unprotecting the session cookie.',
      'System.Security.Cryptography.CryptographicException: The key {5a28e1bf-f23b-40a4-a491-946d30aada50} was not found in the key ring.',
      '   at Microsoft.AspNetCore.DataProtection.KeyManagement.KeyRingBasedDataProtector.UnprotectCore(Byte[] protectedData, Boolean allowOperationsOnRevokedKeys, UnprotectStatus& status)',
    ],
  ],
  [
    'BookStackApp/BookStack#3866: a value of a database, not a cookie, by the same key',
    'decryption',
    [
      'production.ERROR: The MAC is invalid. {"exception":"[object] (Illuminate\\\\Contracts\\\\Encryption\\\\DecryptException(code: 0): The MAC is invalid. at /app/Encrypter.php:225)',
      '[stacktrace]',
      '#0 /app/www/vendor/laravel/framework/src/Illuminate/Encryption/Encrypter.php(158): Illuminate\\\\Encryption\\\\Encrypter->getJsonPayload()',
      '"} ',
    ],
  ],
  [
    'langfuse/langfuse#16200: a cluster that does not answer',
    'storeConnection',
    [
      'error: ClusterAllFailedError: Failed to refresh slots cache.',
      '    at tryNode (/app/node_modules/ioredis/built/cluster/index.js:411:31)',
    ],
  ],
  [
    'imperugo/StackExchange.Redis.Extensions#187, without the name of the client',
    'storeConnection',
    ['[ERR] No connection is available to service this operation: HSET shop:1; UnableToConnect on shop:14421/Interactive, Initializing'],
  ],
  [
    'StackExchange/StackExchange.Redis#1510, in a field of JSON',
    'storeConnection',
    [
      JSON.stringify({
        '@l': 'Error',
        '@x': 'StackExchange.Redis.RedisConnectionException: No connection is active/available to service this operation: EXISTS shop:1\n   at StackExchange.Redis.ConnectionMultiplexer.ExecuteSyncImpl[T](Message message)',
      }),
    ],
  ],
];
const TIME = '2026-11-27T09:30:00.000Z';

it('each is one entry, in its category', async () => {
  const given = REPORTS.map(([, , [first, ...rest]]) => [`${TIME} ${first}`, ...rest, `${TIME} GET / 200`]);
  const counted = await evaluate<readonly (readonly [Readonly<Record<string, number>>, number])[]>(
    '[(lambda log: (log.take(each), log.counts, log.lines)[1:])(ApplicationLog(0, 10 ** 14)) for each in given]',
    given,
    'application_log',
  );
  const found = counted.map(([counts, lines], at) => [
    REPORTS[at]?.[0],
    Object.keys(counts)
      .filter((name) => counts[name])
      .join(),
    lines,
  ]);
  expect(found).toEqual(REPORTS.map(([source, category]) => [source, category, 2]));
});

/** Where a server puts something before each line of its application: how many entries there are, and those of a category. */
const WRAPPED: readonly (readonly [source: string, entries: number, category: string, lines: readonly string[]])[] = [
  [
    'phusion/passenger#2425',
    3,
    'storeConnection',
    [
      'App 25049 output: [2022-05-21 08:28:04] INFO Database is in a ready state.',
      'App 25049 output: E, [2022-05-21T08:28:05.000 #25049] ERROR -- : Redis::CannotConnectError (Error connecting to Redis on shop:6379 (Errno::ECONNREFUSED)):',
      "App 25049 output: /gems/redis-4.8.0/lib/redis/client.rb:398:in `rescue in establish_connection'",
      "App 25049 output: /gems/redis-4.8.0/lib/redis/client.rb:379:in `establish_connection'",
      'App 25049 output: [2022-05-21 08:28:09] INFO ok',
    ],
  ],
  [
    'docker-library/php#207, a trace',
    2,
    'storeConnection',
    [
      '[26-Aug-2019 16:26:59] WARNING: [pool www] child 12 said into stderr: "PHP message: PHP Fatal error:  Uncaught RedisException: Connection refused in /app/session.php:12"',
      '[26-Aug-2019 16:26:59] WARNING: [pool www] child 12 said into stderr: "Stack trace:"',
      '[26-Aug-2019 16:26:59] WARNING: [pool www] child 12 said into stderr: "#0 /app/session.php(12): Redis->connect()"',
      '[26-Aug-2019 16:26:59] WARNING: [pool www] child 12 said into stderr: "  thrown in /app/session.php on line 12"',
      '[26-Aug-2019 16:27:00] NOTICE: fpm is running, pid 1',
    ],
  ],
  [
    'brefphp/bref#432: the level is the application’s',
    1,
    '',
    [
      '[26-Aug-2019 16:26:59] WARNING: [pool default] child 6 said into stderr: "[2019-08-26 16:26:59] app.INFO: Redis connected again, the connection before was closed {} []"',
    ],
  ],
];

it.each(WRAPPED)('%s is read without it', async (_, entries, category, lines) => {
  const [counted] = await evaluate<readonly (readonly [Readonly<Record<string, number>>, number])[]>(
    '[(lambda log: (log.take(each), log.counts, log.lines)[1:])(ApplicationLog(0, 10 ** 14)) for each in given]',
    [lines],
    'application_log',
  );
  expect([Object.entries(counted?.[0] ?? {}).flatMap(([name, count]) => (count ? [[name, count]] : [])), counted?.[1]]).toEqual([
    category ? [[category, 1]] : [],
    entries,
  ]);
});
