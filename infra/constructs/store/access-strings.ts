/** Access strings of the created store's users. Pure. @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html */
import type { CreatedStore } from '../../config/store.ts';
import { channelPatterns } from './channel-patterns.ts';

type Engine = Pick<CreatedStore, 'engine' | 'engineVersion'>;
type Keys = Pick<CreatedStore, 'keyPrefix' | 'databases'>;

/** These have no access to any key. */
export const DEPLOY_ACCESS = 'on resetkeys resetchannels -@all +ping +info';
export const COLLECT_ACCESS = 'on resetkeys resetchannels -@all +info';

/** Scans pages and reads counts; inspects the keys of a page; repairs them. */
const SWEEP_COMMANDS = [
  '+ping +info +time +scan +pttl +type +object|idletime +object|encoding +memory|usage +eval_ro +evalsha_ro +eval',
  '+hstrlen +hget +getrange +sscan +exists',
  '+expire +unlink +srem',
].join(' ');

/** The sweep reads every key, and changes only the application's. An engine refuses a rule of a command that it does not have. */
export function sweepAccess({ engine, engineVersion, keyPrefix, databases }: Engine & Keys): string {
  return [
    `on %R~* ~${keyPrefix}* resetchannels -@all ${SWEEP_COMMANDS}`,
    ...(hasNoTouch(engine, engineVersion) ? ['+client|no-touch'] : []),
    ...(databases.some((number) => number !== 0) ? ['+select'] : []),
  ].join(' ');
}

/** Since Redis 7.2. ElastiCache's Redis OSS 7.1 has the commands of Redis 7.0. */
const hasNoTouch = (engine: CreatedStore['engine'], version: string): boolean => engine === 'valkey' || Number(version) >= 7.2;

/** The application reads and writes its keys, and publishes and subscribes to the channels of its frameworks alone. */
export function applicationAccess(store: Keys & Pick<CreatedStore, 'channels'>): string {
  const patterns = channelPatterns(store);
  const commands = '-@all +@read +@write +@connection +@transaction +@scripting -@dangerous +info';
  return [
    `on ~${store.keyPrefix}* resetchannels`,
    ...patterns.map((pattern) => `&${pattern}`),
    commands,
    ...(patterns.length > 0 ? ['+subscribe +psubscribe +unsubscribe +punsubscribe +publish'] : []),
  ].join(' ');
}
