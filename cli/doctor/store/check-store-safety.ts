import { counted } from '../../../functions/shared/counted.ts';
import { type Finding, type StoreCheck, topic } from '../finding.ts';
import { known } from '../lookup.ts';

/** First versions with IAM users. @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html */
const IAM_SINCE: Readonly<Record<string, number>> = { valkey: 7.2, redis: 7 };

/** Eviction, engine version, failover and snapshots of the store. */
export const checkStoreSafety: StoreCheck = (facts, subject) => {
  const store = known(facts.store);
  if (!store) return [];
  const findings: Finding[] = [];
  const policy = known(facts.evictionPolicy);
  if (policy !== undefined) findings.push(eviction(store.parameterGroup, policy, subject.store.evictionPolicy));

  const engine = topic('store-engine', store.id, 'the functions sign in to the store with IAM, which older engines do not support');
  const version = Number.parseFloat(store.engineVersion);
  const least = IAM_SINCE[store.engine];
  const name = `${store.engine} ${store.engineVersion}`;
  if (subject.store.auth === 'iam' && (least === undefined || version < least)) {
    findings.push(
      engine.error(
        `the engine is ${name}, which does not support IAM users`,
        'upgrade to Valkey 7.2, Redis OSS 7.0 or later, or use auth "password"',
      ),
    );
  } else findings.push(engine.ok(`the engine is ${name}`));

  const failover = topic(
    'store-failover',
    store.id,
    'without automatic failover to a replica in another zone, the loss of one node ends every session',
  );
  const expected = subject.store.replicas;
  if (store.replicas < 1 || !store.automaticFailover) {
    const what = store.replicas < 1 ? 'the store has no replica' : 'automatic failover is off';
    findings.push(failover.error(what, 'add a replica and enable automatic failover and Multi-AZ'));
  } else if (!store.multiAz) {
    findings.push(failover.warning('Multi-AZ is off, so primary and replica can be in the same zone', 'enable Multi-AZ'));
  } else if (store.replicas < expected) {
    const waits = subject.hasDeploys ? ': a deploy waits for the missing ones, and stops' : '';
    findings.push(
      failover.warning(
        `the store has ${counted(store.replicas, 'replica')}, but ${expected} in the configuration${waits}`,
        `add replicas, or set store.replicas to ${store.replicas}`,
      ),
    );
  } else findings.push(failover.ok(`the store has ${counted(store.replicas, 'replica')}, automatic failover and Multi-AZ`));
  if (store.status !== 'available') {
    findings.push(
      failover.warning(
        `the store is ${store.status}`,
        subject.hasDeploys ? 'wait until it is available before you deploy' : 'wait until it is available',
      ),
    );
  }
  if (store.shards > 1 && subject.hasDeploys) {
    findings.push(
      failover.warning(
        `the store has ${store.shards} shards: the deploy's store check covers only one primary`,
        'watch the other shards with alarms',
      ),
    );
  }

  const snapshots = topic(
    'store-snapshots',
    store.id,
    'after a FLUSHALL or the deletion of the group, sessions can only be restored from a snapshot',
  );
  findings.push(
    store.snapshotRetentionDays > 0
      ? snapshots.ok(`snapshots are kept for ${store.snapshotRetentionDays} days`)
      : snapshots.notice(
          'no snapshots are kept: after the loss of the whole store all users have to log in again',
          'set the snapshot retention to at least one day if that is not acceptable',
        ),
  );
  return findings;
};

/** @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html parameter maxmemory-policy */
function eviction(parameterGroup: string, policy: string, configured: string | undefined): Finding {
  const about = topic(
    'store-eviction',
    parameterGroup,
    'the policy decides which sessions end when memory is full, and whether users can still log in',
  );
  if (policy.startsWith('allkeys')) {
    return about.error(
      `eviction policy ${policy}: a full store silently evicts any key, even indexes and locks, which have no TTL`,
      'set maxmemory-policy to volatile-lru',
    );
  }
  if (policy === 'noeviction') {
    const what = 'eviction policy noeviction: a full store refuses every write (OOM), so nobody can log in';
    return configured === policy
      ? about.notice(`${what}; it is configured so`)
      : about.warning(what, 'set maxmemory-policy to volatile-lru, and create an alarm on DatabaseMemoryUsagePercentage');
  }
  if (configured !== undefined && policy !== configured) {
    return about.warning(
      `the eviction policy is ${policy}, but ${configured} in the configuration`,
      'run "npx --no cdk deploy", or correct store.evictionPolicy',
    );
  }
  return about.ok(`eviction policy ${policy}: a full store evicts only keys with a TTL`);
}
