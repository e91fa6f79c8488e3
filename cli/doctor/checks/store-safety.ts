import { type Finding, topic } from '../finding.ts';
import { seen } from '../look.ts';
import type { Check } from './check.ts';

/** First versions with IAM users. @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html */
const IAM_SINCE: Readonly<Record<string, number>> = { valkey: 7.2, redis: 7 };

/** What the store does when it is full, when a node fails, and whether its engine is new enough. */
export const checkStoreSafety: Check = (facts, subject) => {
  const store = seen(facts.store);
  if (!store) return [];
  const findings: Finding[] = [];
  const policy = seen(facts.evictionPolicy);
  if (policy !== undefined) findings.push(eviction(store.parameterGroup, policy, subject.store.evictionPolicy));

  const engine = topic('store-engine', store.id, 'the functions sign in to the store by IAM, which older engines do not know');
  const version = Number.parseFloat(store.engineVersion);
  const least = IAM_SINCE[store.engine];
  const name = `${store.engine} ${store.engineVersion}`;
  if (subject.store.auth === 'iam' && (least === undefined || version < least)) {
    findings.push(
      engine.error(
        `the engine is ${name}, which has no IAM users`,
        'upgrade to Valkey 7.2 or Redis OSS 7.0 at least, or use auth "password"',
      ),
    );
  } else findings.push(engine.ok(`the engine is ${name}`));

  const failover = topic(
    'store-failover',
    store.id,
    'without a replica in another zone that takes over, the loss of one node ends every session',
  );
  const expected = subject.store.replicas;
  if (store.replicas < 1 || !store.automaticFailover) {
    const what = store.replicas < 1 ? 'the store has no replica' : 'automatic failover is off';
    findings.push(failover.error(what, 'add a replica and switch on automatic failover and Multi-AZ'));
  } else if (!store.multiAz) {
    findings.push(failover.warning('Multi-AZ is off: primary and replica may stand in one zone', 'switch on Multi-AZ'));
  } else if (store.replicas < expected) {
    findings.push(
      failover.warning(
        `the store has ${store.replicas} replicas, the configuration says ${expected}: a deploy waits for those that are missing, and stops`,
        'add replicas, or set store.replicas to what is there',
      ),
    );
  } else findings.push(failover.ok(`the store has ${store.replicas} replicas, automatic failover and Multi-AZ`));
  if (store.status !== 'available') {
    findings.push(failover.warning(`the store is ${store.status}`, 'wait until it is available before you deploy'));
  }
  if (store.shards > 1) {
    findings.push(
      failover.warning(
        `the store has ${store.shards} shards: the deploy's store check looks at one primary only`,
        'watch the other shards by their own alarms',
      ),
    );
  }

  const snapshots = topic('store-snapshots', store.id, 'a snapshot is the only way back after a FLUSHALL or a deleted group');
  findings.push(
    store.snapshotRetentionDays > 0
      ? snapshots.ok(`snapshots are kept for ${store.snapshotRetentionDays} days`)
      : snapshots.notice(
          'no snapshots are kept: after a loss of the whole store everyone logs in again',
          'set snapshot retention to a day where that is not acceptable',
        ),
  );
  return findings;
};

/** @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html parameter maxmemory-policy */
function eviction(parameterGroup: string, policy: string, configured: string | undefined): Finding {
  const about = topic(
    'store-eviction',
    parameterGroup,
    'what goes when memory is full decides who is logged out, and whether anyone can still log in',
  );
  if (policy.startsWith('allkeys')) {
    return about.error(
      `eviction policy ${policy}: a full store silently drops any key, also those without a TTL that hold an index of sessions or a lock`,
      'set maxmemory-policy to volatile-lru',
    );
  }
  if (policy === 'noeviction') {
    const what = 'eviction policy noeviction: a full store refuses every write (OOM), so nobody can log in';
    return configured === policy
      ? about.notice(`${what}; the configuration wants it so`)
      : about.warning(what, 'set maxmemory-policy to volatile-lru, and an alarm on DatabaseMemoryUsagePercentage');
  }
  if (configured !== undefined && policy !== configured) {
    return about.warning(
      `eviction policy ${policy}, the configuration says ${configured}`,
      'run "npx cdk deploy", or correct store.evictionPolicy',
    );
  }
  return about.ok(`eviction policy ${policy}: a full store drops only keys that have a TTL`);
}
