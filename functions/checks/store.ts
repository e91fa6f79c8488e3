/** The session store: who can sign in, what its application may do, and what a full or failed store means for sessions. */
import { type Check, checksOf, error, type Judged, notice, ok, unknown, warning } from '../shared/check.ts';
import { counted } from '../shared/texts.ts';
import type { Facts } from './facts.ts';

const check = checksOf<Facts>('doctor');

/** First versions with IAM users. @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html */
const IAM_SINCE: Readonly<Record<string, number>> = { valkey: 7.2, redis: 7 };
/** Events of keys, of expired ones and of those that were removed. @see https://valkey.io/topics/notifications/ */
const SPRING_EVENTS = ['E', 'g', 'x'];
/** Stands for all classes of events. */
const ALL_EVENTS = 'A';
/** Channels of these events: who may subscribe to them listens for ended sessions, as Spring's indexed repository does. */
const EVENT_CHANNEL = /^__keyevent@/;

/** The store's user that the fleet's servers sign in as. */
const userOf = ({ subject, storeUsers }: Pick<Facts, 'subject' | 'storeUsers'>) =>
  storeUsers.find(({ userName }) => userName === (subject.sessions.userName ?? 'default'));

/** Whether a pattern of an access string permits all that another one matches; PSUBSCRIBE needs the same one. */
const covers = (granted: string, needed: string): boolean =>
  granted === '*' || granted === needed || (granted.endsWith('*') && !needed.includes('*') && needed.startsWith(granted.slice(0, -1)));

export const STORE: readonly Check<Facts>[] = [
  // An existing store without a replication group in the configuration, which cannot be looked up.
  check('store-access', ['scope'], {
    what: 'an existing store whose replication group the configuration does not name',
    why: 'anyone who can connect to the store can read and write every session',
    resource: ({ scope }) => scope.store.host,
    judge({ scope: { store } }) {
      const { replicationGroup, host = 'the store', tls, auth } = store;
      if (replicationGroup) return undefined;
      return [
        unknown(
          `the configuration does not name the replication group of ${host}, so encryption, users, eviction policy and failover are unknown`,
          'set store.existing.replicationGroupId, or check them by hand',
        ),
        ...(tls ? [] : [warning(`connections to ${host} are not encrypted, as configured`, 'enable TLS and set tls to true')]),
        ...(auth === 'none' ? [error(`${host} requires no password, as configured`, 'add users or a password')] : []),
      ];
    },
  }),
  check('store-tls', ['store', 'scope'], {
    what: 'encryption of connections to the store',
    why: 'sessions and the store’s password travel over these connections; IAM users require TLS',
    fix: 'set transit encryption to preferred, move every client to TLS, then set it to required',
    judge({ scope, store }) {
      if (store.tls) return ok('connections to the store are encrypted');
      return scope.store.tls || scope.store.auth === 'iam'
        ? error('connections to the store are not encrypted, and the configuration expects TLS')
        : warning('connections to the store are not encrypted, as configured');
    },
  }),
  /** @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html */
  check('store-auth', ['store', 'storeUsers?'], {
    what: 'who can sign in to the store',
    why: 'anyone who can connect to the store without a password can read and write every session',
    judge({ store, storeUsers: users }) {
      if (store.userGroupIds.length === 0)
        return store.authToken
          ? notice('a single AUTH token gives access to the whole store', 'use users with restricted access strings (RBAC)')
          : error('the store requires no password', 'add a user group (RBAC) or an AUTH token');
      if (!users) return undefined;
      const open = users.filter(({ on, authentication }) => on && authentication === 'no-password').map(({ userName }) => userName);
      if (open.length > 0)
        return error(`user ${open.join(', ')} signs in without a password`, 'disable it (access string "off -@all") or set a password');
      if (users.some(({ userName, on }) => userName === 'default' && on))
        return warning('the user "default" is on, and clients without a user name sign in as it', 'disable it (access string "off -@all")');
      return ok(`${counted(users.length, 'user')} ${users.length === 1 ? 'signs' : 'sign'} in by password or IAM, and "default" is off`);
    },
  }),
  check('store-notifications', ['subject', 'store', 'keyspaceEvents', 'storeUsers?'], {
    what: 'whether the store publishes the ends of sessions, where an application listens for them',
    why: 'Spring’s indexed repository learns from them which sessions have ended: without them its indexes grow, and listeners of ended sessions are not called',
    resource: ({ store }) => store.parameterGroup,
    judge({ subject, keyspaceEvents: events, storeUsers = [] }) {
      const { channels: granted = [] } = userOf({ subject, storeUsers }) ?? {};
      if (!subject.sessions.usesSpringIndex && !granted.some((pattern) => EVENT_CHANNEL.test(pattern))) return undefined;
      const has = (event: string) => events.includes(event) || (event !== 'E' && events.includes(ALL_EVENTS));
      const missing = SPRING_EVENTS.filter((event) => !has(event));
      if (missing.length === 0) return ok(`the store publishes the ends of sessions (notify-keyspace-events ${events})`);
      return error(
        `the store does not publish the ends of sessions: notify-keyspace-events is ${JSON.stringify(events)}, without ${missing.join(', ')}`,
        subject.sessions.ownUser ? 'run "npx --no cdk deploy --all"' : 'set notify-keyspace-events to gxE in its parameter group',
      );
    },
  }),
  check('store-channels', ['subject', 'storeUsers', 'contract?'], {
    what: 'channels that the application publishes and subscribes to',
    why: 'Spring’s indexed repository does not start without its channels (NOPERM … psubscribe), nor does Redisson’s manager with broadcastSessionEvents',
    resource: ({ subject, storeUsers }) => userOf({ subject, storeUsers })?.userName ?? subject.fleet,
    judge({ subject, storeUsers, contract }) {
      const { fleet, sessions } = subject;
      const user = userOf({ subject, storeUsers });
      if (!user) return undefined;
      const found: Judged[] = [];
      const lacking = sessions.channels.filter((pattern) => !user.channels.some((one) => covers(one, pattern)));
      if (lacking.length > 0)
        found.push(
          error(
            `user ${user.userName} cannot subscribe to ${lacking.join(', ')}`,
            sessions.ownUser
              ? 'run "npx --no cdk deploy --all"'
              : `add to its access string: ${lacking.map((pattern) => `&${pattern}`).join(' ')} +subscribe +psubscribe +unsubscribe +punsubscribe +publish`,
          ),
        );
      else if (sessions.channels.length > 0)
        found.push(ok(`user ${user.userName} can publish and subscribe to ${sessions.channels.join(', ')}`));
      if (sessions.ownUser && sessions.channels.length === 0 && /(^|\/)java$/.test(contract?.start[0] ?? ''))
        found.push(
          notice(
            `the current release starts Java, and user ${user.userName} has no publish and subscribe channel, which Spring’s default repository does not need`,
            `for the indexed repository set fleets.${fleet}.sessions.channels to ["spring-session-indexed"], and run npx --no cdk deploy --all`,
          ),
        );
      return found;
    },
  }),
  /** @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html parameter maxmemory-policy */
  check('store-eviction', ['scope', 'store', 'evictionPolicy'], {
    what: 'the eviction policy',
    why: 'the policy decides which sessions end when memory is full, and whether users can still log in',
    resource: ({ store }) => store.parameterGroup,
    judge({ scope, evictionPolicy: policy }) {
      const configured = scope.store.evictionPolicy;
      if (policy.startsWith('allkeys'))
        return error(
          `eviction policy ${policy}: a full store silently evicts any key, even indexes and locks, which have no TTL`,
          'set maxmemory-policy to volatile-lru',
        );
      if (policy === 'noeviction') {
        const what = 'eviction policy noeviction: a full store refuses every write (OOM), so nobody can log in';
        return configured === policy
          ? notice(`${what}; it is configured so`)
          : warning(what, 'set maxmemory-policy to volatile-lru, and create an alarm on DatabaseMemoryUsagePercentage');
      }
      if (configured !== undefined && policy !== configured)
        return warning(
          `the eviction policy is ${policy}, but ${configured} in the configuration`,
          'run "npx --no cdk deploy", or correct store.evictionPolicy',
        );
      return ok(`eviction policy ${policy}: a full store evicts only keys with a TTL`);
    },
  }),
  check('store-engine', ['store', 'scope'], {
    what: "the engine's version",
    why: 'the functions sign in to the store with IAM, which older engines do not support',
    fix: 'upgrade to Valkey 7.2, Redis OSS 7.0 or later, or use auth "password"',
    judge({ scope, store: { engine, engineVersion } }) {
      const least = IAM_SINCE[engine];
      const name = `${engine} ${engineVersion}`;
      if (scope.store.auth !== 'iam' || (least !== undefined && Number.parseFloat(engineVersion) >= least))
        return ok(`the engine is ${name}`);
      return error(`the engine is ${name}, which does not support IAM users`);
    },
  }),
  check('store-failover', ['store', 'scope'], {
    what: 'replicas, automatic failover, Multi-AZ and shards',
    why: 'without automatic failover to a replica in another zone, the loss of one node ends every session',
    judge({ scope: { store: configured, hasDeploys }, store }) {
      const found: Judged[] = [];
      const replicas = counted(store.replicas, 'replica');
      const expected = configured.replicas;
      if (store.replicas < 1 || !store.automaticFailover)
        found.push(
          error(
            store.replicas < 1 ? 'the store has no replica' : 'automatic failover is off',
            'add a replica and enable automatic failover and Multi-AZ',
          ),
        );
      else if (!store.multiAz) found.push(warning('Multi-AZ is off, so primary and replica can be in the same zone', 'enable Multi-AZ'));
      else if (store.replicas < expected)
        found.push(
          warning(
            `the store has ${replicas}, but ${expected} in the configuration${hasDeploys ? ': a deploy waits for the missing ones, and stops' : ''}`,
            `add replicas, or set store.replicas to ${store.replicas}`,
          ),
        );
      else found.push(ok(`the store has ${replicas}, automatic failover and Multi-AZ`));
      if (store.status !== 'available')
        found.push(warning(`the store is ${store.status}`, `wait until it is available${hasDeploys ? ' before you deploy' : ''}`));
      if (store.shards > 1 && hasDeploys)
        found.push(
          warning(
            `the store has ${store.shards} shards: the deploy's store check covers only one primary`,
            'watch the other shards with alarms',
          ),
        );
      return found;
    },
  }),
  check('store-snapshots', ['store'], {
    what: 'snapshots of the store',
    why: 'after a FLUSHALL or the deletion of the group, sessions can only be restored from a snapshot',
    judge({ store: { snapshotRetentionDays: days } }) {
      if (days > 0) return ok(`snapshots are kept for ${days} days`);
      return notice(
        'no snapshots are kept: after the loss of the whole store all users have to log in again',
        'set the snapshot retention to at least one day if that is not acceptable',
      );
    },
  }),
  // Nothing else reports it: no alarm fires for what waits.
  check('sweep-decision', ['scope', 'openDecisions'], {
    what: 'sessions without a TTL that a sweep left for somebody to decide',
    why: 'sessions without a TTL stay in the store until its memory is full',
    resource: ({ scope }) => scope.recordsTable,
    judge({ scope: { sweepPolicies }, openDecisions: open }) {
      if (open.length === 0) return ok('no sweep waits for a decision about sessions without a TTL');
      return open.map(({ dialect, sessions, withoutTtl, setting }) => {
        const what = `${withoutTtl} of ${sessions} sessions of ${dialect} have no TTL, and the last sweep left them for you to decide`;
        // Deployed or not: the next sweep reads the deployed one.
        if (dialect in sweepPolicies)
          return notice(
            `${what}; ${setting} is "${sweepPolicies[dialect]}" by now`,
            'deploy the configuration, if that is not done: the next sweep follows it',
          );
        return warning(what, `set ${setting} to "expire", which gives each the rest of its life, or to "report", which keeps them`);
      });
    },
  }),
];
