/** Names that infrastructure, functions and commands share, each built in one place. */

/** Prefix of every resource of an installation. */
export const DEFAULT_INSTALLATION = 'holdfast';

/** Tag that marks everything of one fleet; permissions on instances are bound to it. */
export const FLEET_TAG = 'holdfast:fleet';

/** Tag of what one deploy made and takes away again, a listener rule: the deploy's id. {@link FLEET_TAG} is beside it. */
export const DEPLOY_TAG = 'holdfast:deploy';

export const recordsTableName = (installation: string): string => `${installation}-records`;
export const deployStateMachineName = (installation: string, fleet: string): string => `${installation}-${fleet}-deploy`;
export const rollTargetStateMachineName = (installation: string, fleet: string): string => `${installation}-${fleet}-roll-target`;
export const cleanUpStateMachineName = (installation: string, fleet: string): string => `${installation}-${fleet}-clean-up`;
export const sweepStateMachineName = (installation: string): string => `${installation}-sweep`;
export const launchStateMachineName = (installation: string, fleet: string): string => `${installation}-${fleet}-launch`;
/** Bucket names are shared by all of AWS: account and Region make this one ours. */
export const releasesBucketName = (installation: string, account: string, region: string): string =>
  `${installation}-releases-${account}-${region}`;
export const documentName = (installation: string, document: string): string => `${installation}-${document}`;
/** A fleet's own document: a name of the installation's could be another fleet's. */
export const prepareDocumentName = (installation: string, fleet: string): string => `${installation}-${fleet}-prepare`;
export const autoScalingGroupName = (installation: string, fleet: string): string => `${installation}-${fleet}`;
export const targetGroupName = (installation: string, fleet: string): string => `${installation}-${fleet}`;
export const replicationGroupId = (installation: string): string => `${installation}-sessions`;
export const functionName = (installation: string, fleet: string, role: string): string => `${installation}-${fleet}-${role}`;

/** Where a fleet's name stands in the names of what watches and sweeps the one store of an installation. */
export const STORE_PART = 'store';
export const storeFunctionName = (installation: string, role: string): string => functionName(installation, STORE_PART, role);

/** Topic that says how each deploy of a fleet ended. */
export const deploysTopicName = (installation: string, fleet: string): string => `${installation}-${fleet}-deploys`;

/** Managed policy for people and pipelines that use a fleet by the commands. */
export const policyName = (installation: string, fleet: string, kind: 'operator' | 'reader'): string => `${installation}-${fleet}-${kind}`;
/** Value of the tag {@link FLEET_TAG}. */
export const fleetTagValue = (installation: string, fleet: string): string => `${installation}/${fleet}`;
/** Alarms that every fleet has: the first two are its web tier's, which a deploy watches while it settles. */
const FLEET_ALARMS = [
  'unhealthy-hosts',
  'target-5xx',
  'target-p99',
  'deploy-failed',
  'deploy-timed-out',
  'deploy-stuck',
  'left-locked',
  'left-rules',
  'clean-up-failed',
  'clean-up-dead-letters',
  'lifecycle-dead-letters',
] as const;
export type FleetAlarm = (typeof FLEET_ALARMS)[number];
export const fleetAlarmName = (installation: string, fleet: string, alarm: FleetAlarm): string => `${installation}-${fleet}-${alarm}`;
/** @param hasGroup servers come and go: there are lifecycle events that may be lost */
export const fleetAlarmNames = (installation: string, fleet: string, hasGroup: boolean): readonly string[] =>
  FLEET_ALARMS.filter((alarm) => hasGroup || alarm !== 'lifecycle-dead-letters').map((alarm) => fleetAlarmName(installation, fleet, alarm));

/** Alarms on the one store of an installation. */
const STORE_ALARMS = [
  'memory-percent',
  'time-to-full',
  'evictions',
  'keys-without-ttl',
  'hit-rate-drop',
  'active-session-drop',
  'replication-lag',
  'failover',
  'connections',
  'authentication-failures',
  'collector-silent',
  'sweep-overdue',
] as const;
export type StoreAlarm = (typeof STORE_ALARMS)[number];
export const storeAlarmName = (installation: string, alarm: StoreAlarm): string => `${installation}-${STORE_PART}-${alarm}`;
export const storeAlarmNames = (installation: string): readonly string[] =>
  STORE_ALARMS.map((alarm) => storeAlarmName(installation, alarm));

export const dashboardName = (installation: string, dashboard: 'sessions' | 'store'): string => `${installation}-${dashboard}`;
export const fleetDashboardName = (installation: string, fleet: string, dashboard: 'deploys' | 'web-tier'): string =>
  `${installation}-${fleet}-${dashboard}`;

/** Topic that every alarm of an installation tells. */
export const alarmsTopicName = (installation: string): string => `${installation}-alarms`;

/** Where a release's archive lies in the releases bucket. `+` would read as a space in a URL; `@` is in no version. */
export const releaseKey = (fleet: string, version: string): string => `${fleet}/${version.replaceAll('+', '@')}/release.tar.gz`;

/** Where a sweep's report lies in the releases bucket; no fleet's name begins with `_`. */
export const SWEEP_REPORTS_PREFIX = '_store/sweeps/';
export const sweepReportKey = (sweepId: string): string => `${SWEEP_REPORTS_PREFIX}${sweepId}.json`;

const deployStarts = (fleet: string) => ({ pk: `FLEET#${fleet}`, sk: 'DEPLOY-START#' });

/** Keys of the records table: `pk` gathers a fleet, or what is known of the store; `sk` names the record. */
export const recordKeys = {
  fleet: (fleet: string) => ({ pk: `FLEET#${fleet}`, sk: 'FLEET' }),
  lock: (fleet: string) => ({ pk: `FLEET#${fleet}`, sk: 'LOCK' }),
  release: (fleet: string, version: string) => ({ pk: `FLEET#${fleet}`, sk: `RELEASE#${version}` }),
  instance: (fleet: string, instanceId: string) => ({ pk: `FLEET#${fleet}`, sk: `INSTANCE#${instanceId}` }),
  deploy: (fleet: string, deployId: string) => ({ pk: `FLEET#${fleet}`, sk: `DEPLOY#${deployId}` }),
  /** Beside each deploy's record, since ids are random: starts alone are in the order of time. */
  deployStart: (fleet: string, startedAtMs: number, deployId: string) => ({
    pk: `FLEET#${fleet}`,
    sk: `${deployStarts(fleet).sk}${String(startedAtMs).padStart(15, '0')}#${deployId}`,
  }),
  /** What the keys of all starts of a fleet begin with. */
  deployStarts,
  dialectShares: () => ({ pk: 'STORE', sk: 'DIALECT-SHARES' }),
  sweep: (sweepId: string) => ({ pk: 'STORE', sk: `SWEEP#${sweepId}` }),
  sweepShard: (shard: string) => ({ pk: 'STORE', sk: `SWEEP-SHARD#${shard}` }),
  sweepStart: () => ({ pk: 'STORE', sk: 'SWEEP-START' }),
  /** By itself, so that whoever may read what is known of the store may not read it. */
  sweepSecret: () => ({ pk: 'STORE-SECRET', sk: 'SWEEP' }),
  storeReading: () => ({ pk: 'STORE', sk: 'READING' }),
} as const;
