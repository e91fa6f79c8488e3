/** What clients of a store write into an application's log when it fails: ioredis and node-redis, and Lettuce under Spring. */
import type { StoreState } from '../situation.ts';

type Texts = Readonly<Record<StoreState | 'unreadable', string>>;

const NODE: Texts = {
  down: '[ioredis] Unhandled error event: Error: connect ECONNREFUSED 10.0.3.17:6379',
  loading: 'ReplyError: LOADING Valkey is loading the dataset in memory',
  refusingLogins: '[ioredis] Unhandled error event: ReplyError: WRONGPASS invalid username-password pair or user is disabled.',
  readOnly: "session store: ReplyError: READONLY You can't write against a read only replica.",
  full: "session store: ReplyError: OOM command not allowed when used memory > 'maxmemory'.",
  slow: 'session store: Error: Command timed out',
  busy: 'ReplyError: BUSY Valkey is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.',
  withoutName: '[ioredis] Unhandled error event: Error: getaddrinfo ENOTFOUND master.sessions.abc123.euw1.cache.amazonaws.com',
  untrusted: '[ioredis] Unhandled error event: Error: certificate has expired',
  outOfConnections: 'ReplyError: ERR max number of clients reached',
  unreadable: 'SyntaxError: Unexpected token \'\x1f\', "..." is not valid JSON while reading a session',
};

const JAVA: Texts = {
  down: 'ERROR o.a.c.c.C.[dispatcherServlet] : org.springframework.data.redis.RedisConnectionFailureException: Unable to connect to Redis; nested exception is io.lettuce.core.RedisConnectionException: Unable to connect to 10.0.3.17:6379',
  loading: 'ERROR io.lettuce.core.RedisLoadingException: LOADING Valkey is loading the dataset in memory',
  refusingLogins: 'ERROR io.lettuce.core.RedisCommandExecutionException: WRONGPASS invalid username-password pair or user is disabled.',
  readOnly: "ERROR io.lettuce.core.RedisReadOnlyException: READONLY You can't write against a read only replica.",
  full: "ERROR io.lettuce.core.RedisCommandExecutionException: OOM command not allowed when used memory > 'maxmemory'.",
  slow: 'ERROR org.springframework.dao.QueryTimeoutException: Redis command timed out; nested exception is io.lettuce.core.RedisCommandTimeoutException: Command timed out after 1 minute(s)',
  busy: 'ERROR io.lettuce.core.RedisBusyException: BUSY Valkey is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.',
  withoutName: 'ERROR java.net.UnknownHostException: master.sessions.abc123.euw1.cache.amazonaws.com: Name or service not known',
  untrusted: 'ERROR javax.net.ssl.SSLHandshakeException: PKIX path validation failed: validity check failed',
  outOfConnections: 'ERROR io.lettuce.core.RedisCommandExecutionException: ERR max number of clients reached',
  unreadable:
    'ERROR org.springframework.data.redis.serializer.SerializationException: Cannot deserialize; nested exception is java.io.InvalidClassException: com.shop.Cart; local class incompatible',
};

export const clientError = (app: string, state: StoreState | 'unreadable'): string => (app === 'tomcat' ? JAVA : NODE)[state];
