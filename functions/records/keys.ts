const deployStarts = (fleet: string) => ({ pk: `FLEET#${fleet}`, sk: 'DEPLOY-START#' });
const sweepStarts = () => ({ pk: 'STORE', sk: 'SWEEP-START#' });

/** Milliseconds since the epoch, as text in the order of time. */
const inOrderOfTime = (ms: number): string => String(ms).padStart(15, '0');

const gates = () => ({ pk: 'GATES', sk: 'ENDED#' });
const incidentStarts = () => ({ pk: 'INCIDENTS', sk: 'OPENED#' });

/** Keys of the records table: `pk` is a fleet, the store or the installation, `sk` the record. */
export const recordKeys = {
  fleet: (fleet: string) => ({ pk: `FLEET#${fleet}`, sk: 'FLEET' }),
  lock: (fleet: string) => ({ pk: `FLEET#${fleet}`, sk: 'LOCK' }),
  release: (fleet: string, version: string) => ({ pk: `FLEET#${fleet}`, sk: `RELEASE#${version}` }),
  instance: (fleet: string, instanceId: string) => ({ pk: `FLEET#${fleet}`, sk: `INSTANCE#${instanceId}` }),
  sessionGate: (fleet: string) => ({ pk: `FLEET#${fleet}`, sk: 'SESSION-GATE' }),
  registrations: (fleet: string, instanceId: string) => ({ pk: `FLEET#${fleet}`, sk: `REGISTRATIONS#${instanceId}` }),
  deploy: (fleet: string, deployId: string) => ({ pk: `FLEET#${fleet}`, sk: `DEPLOY#${deployId}` }),
  /** One target's progress. No other record's key begins with this prefix, so that a query for deploys does not return targets. */
  deployTarget: (fleet: string, deployId: string, instanceId: string) => ({
    pk: `FLEET#${fleet}`,
    sk: `DEPLOY-TARGET#${deployId}#${instanceId}`,
  }),
  /** Next to each deploy's record, since ids are random: the keys of starts are in the order of time. */
  deployStart: (fleet: string, startedAtMs: number, deployId: string) => ({
    pk: `FLEET#${fleet}`,
    sk: `${deployStarts(fleet).sk}${inOrderOfTime(startedAtMs)}#${deployId}`,
  }),
  deployStarts,
  /**
   * What a fleet's canary found. Under a partition key of its own: the canary reads answers of a site, and must not be able to write the
   * fleet's other records.
   */
  canary: (fleet: string) => ({ pk: `CANARY#${fleet}`, sk: 'STATE' }),
  canaryLease: (fleet: string) => ({ pk: `CANARY#${fleet}`, sk: 'LEASE' }),
  /**
   * What a session gate found about a deployment, in the order of time. Under a partition key of its own: its function reads answers of a
   * site, and must not be able to write the other records.
   */
  gate: (endedAtMs: number, name: string) => ({ pk: gates().pk, sk: `${gates().sk}${inOrderOfTime(endedAtMs)}#${name}` }),
  gates,
  dialectShares: () => ({ pk: 'STORE', sk: 'DIALECT-SHARES' }),
  sweep: (sweepId: string) => ({ pk: 'STORE', sk: `SWEEP#${sweepId}` }),
  sweepShard: (shard: string) => ({ pk: 'STORE', sk: `SWEEP-SHARD#${shard}` }),
  /** Next to each sweep's record, as {@link deployStart}. */
  sweepStart: (startedAtMs: number, sweepId: string) => ({
    pk: sweepStarts().pk,
    sk: `${sweepStarts().sk}${inOrderOfTime(startedAtMs)}#${sweepId}`,
  }),
  sweepStarts,
  /** The sweep that began last by the installation's own policy. */
  lastSweep: () => ({ pk: 'STORE', sk: 'LAST-SWEEP' }),
  /** Under a partition key of its own, so that readers of the store's records cannot read it. */
  sweepSecret: () => ({ pk: 'STORE-SECRET', sk: 'SWEEP' }),
  /** Keys without a TTL that the last full sweep left. */
  ttlBaseline: () => ({ pk: 'STORE', sk: 'TTL-BASELINE' }),
  /** The nodes of the last reading, which a sweep reads too. */
  storeNodes: () => ({ pk: 'STORE', sk: 'NODES' }),
  incident: (incidentId: string) => ({ pk: 'INCIDENTS', sk: `INCIDENT#${incidentId}` }),
  /** Next to each incident's record, as {@link deployStart}. */
  incidentStart: (openedAtMs: number, incidentId: string) => ({
    pk: incidentStarts().pk,
    sk: `${incidentStarts().sk}${inOrderOfTime(openedAtMs)}#${incidentId}`,
  }),
  incidentStarts,
  /** The latest incident of a fingerprint: alarms join it while it is open. */
  incidentOf: (fingerprint: string) => ({ pk: 'INCIDENTS', sk: `OF#${fingerprint}` }),
  /** An alarm's latest change of state. */
  incidentAlarm: (alarmName: string) => ({ pk: 'INCIDENTS', sk: `ALARM#${alarmName}` }),
  /** Who reads lines of a fleet's logs now: one at a time. */
  linesTurn: (fleet: string) => ({ pk: 'INCIDENTS', sk: `LINES-TURN#${fleet}` }),
  /** Who has read some. */
  linesLook: (atMs: number, fleet: string) => ({ pk: 'INCIDENTS', sk: `LINES#${inOrderOfTime(atMs)}#${fleet}` }),
  /** The turn of the schedule that is at work. */
  incidentTurn: () => ({ pk: 'INCIDENTS', sk: 'TURN' }),
  /** When mitigations were carried out in the last hour, over all incidents. */
  mitigationBudget: () => ({ pk: 'INCIDENTS', sk: 'BUDGET' }),
  /** Keys the hashes of an incident's session ids. Under a partition key of its own, that no reader of incidents can read. */
  incidentSecret: () => ({ pk: 'INCIDENT-SECRET', sk: 'HASH-KEY' }),
  /** The latest look-up of CloudTrail, in place of the one before. Under a partition key of its own, as what collects writes it. */
  changesLookUp: () => ({ pk: 'CHANGES', sk: 'LOOK-UP' }),
  storeReading: () => ({ pk: 'STORE', sk: 'READING' }),
  /** That no primary answered the collector, and since when; what it read before stays as it is. */
  storeUnreachable: () => ({ pk: 'STORE', sk: 'UNREACHABLE' }),
  installation: () => ({ pk: 'INSTALLATION', sk: 'CONFIGURATION' }),
} as const;

/** Environment of functions that read or write a fleet's records. */
export const RECORDS_ENV = {
  fleet: 'HOLDFAST_FLEET',
  recordsTable: 'HOLDFAST_RECORDS_TABLE',
} as const;
