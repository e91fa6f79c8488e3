/** What Holdfast uses for a fleet in a month, as quantities that AWS charges for, each with its arithmetic. Pure. */
import { INCIDENT_ROWS, ROWS } from '../../functions/widgets/contract.ts';
import { ASSUMED, DAYS_PER_MONTH } from './assumptions.ts';
import { ALARM_CHANGES, type Demand, READINGS, RENDERS, RUNBOOKS, SWEEPS, type Work } from './list-runs.ts';
import type { Fleet } from './read-fleet.ts';

export interface Quantity {
  readonly value: number;
  /** How it is calculated, for people. */
  readonly arithmetic: string;
}

export interface Usage {
  readonly transitions: Quantity;
  readonly invocations: Quantity;
  readonly gbSeconds: Quantity;
  readonly traces: Quantity;
  readonly alarmReads: Quantity;
  readonly scheduledRuns: Quantity;
  readonly logGigabytes: Quantity;
  readonly storedLogGigabytes: Quantity;
  readonly tableWrites: Quantity;
  readonly tableReads: Quantity;
  readonly tableGigabytes: Quantity;
  readonly releaseGigabytes: Quantity;
  readonly oldReleaseGigabytes: Quantity;
  readonly releaseTransitions: Quantity;
  readonly objectWrites: Quantity;
  readonly objectReads: Quantity;
}

const GB = 1e9;

export function estimateUsage(work: readonly Work[], fleet: Fleet, demand: Demand): Usage {
  const logs = logUsage(work, fleet);
  return {
    transitions: sumOver(work, 'transitions'),
    invocations: sumOver(work, 'invocations'),
    gbSeconds: sumOver(work, 'gbSeconds'),
    traces: { value: total(work.filter(({ traced }) => traced).map(({ runsPerMonth }) => runsPerMonth)), arithmetic: 'one per execution' },
    alarmReads: alarmReads(work),
    scheduledRuns: {
      value: total(work.filter(({ scheduled }) => scheduled).map(({ runsPerMonth }) => runsPerMonth)),
      arithmetic: 'runs started by a schedule; events of AWS services are free',
    },
    ...logs,
    ...tableUsage(work, demand),
    ...releaseUsage(work, fleet, demand),
  };
}

/** `122 deploys × 210 + 486 targets × 55` */
function sumOver(work: readonly Work[], part: 'transitions' | 'invocations' | 'gbSeconds'): Quantity {
  const used = work.filter(({ run }) => run[part] > 0);
  return {
    value: total(used.map(({ runsPerMonth, run }) => runsPerMonth * run[part])),
    arithmetic: used.map(({ what, runsPerMonth, run }) => `${show(runsPerMonth)} ${what} × ${show(run[part])}`).join(' + ') || 'none',
  };
}

/** Preflight reads the alarms once, and each poll while the deploy settles reads them again. */
function alarmReads(work: readonly Work[]): Quantity {
  const deploys = work.find(({ what }) => what === 'deploys');
  const each = 1 + (deploys?.run.visits['Settle'] ?? 0);
  const runs = deploys?.runsPerMonth ?? 0;
  return { value: runs * each, arithmetic: `DescribeAlarms: ${show(runs)} deploys × ${show(each)} reads of the alarms` };
}

function logUsage(work: readonly Work[], { logRetentionDays }: Fleet): Pick<Usage, 'logGigabytes' | 'storedLogGigabytes'> {
  const invocations = total(work.map(({ runsPerMonth, run }) => runsPerMonth * run.invocations));
  const events = total(work.filter(({ logged }) => logged).map(({ runsPerMonth, run }) => runsPerMonth * run.events));
  // Two metrics per deploy and two per target: see METRICS.
  const metrics = total(work.map(({ what, runsPerMonth }) => runsPerMonth * (what === 'deploys' ? 2 : what === 'targets' ? 2 : 0)));
  const readings = readingsOf(work);
  const bytes =
    invocations * ASSUMED.invocationLogBytes +
    events * ASSUMED.historyEventBytes +
    metrics * ASSUMED.metricLogBytes +
    readings * ASSUMED.readingLogBytes;
  const months = logRetentionDays === 0 ? 12 : logRetentionDays / DAYS_PER_MONTH;
  return {
    logGigabytes: {
      value: bytes / GB,
      arithmetic: [
        `${show(invocations)} invocations × ${ASSUMED.invocationLogBytes} B`,
        `${show(events)} history events × ${ASSUMED.historyEventBytes} B`,
        `${show(metrics)} metric lines × ${ASSUMED.metricLogBytes} B`,
        `${show(readings)} ${READINGS} × ${ASSUMED.readingLogBytes} B`,
      ].join(' + '),
    },
    storedLogGigabytes: {
      value: (bytes / GB) * months,
      arithmetic: `logs of one month × ${show(months)} months of retention, uncompressed`,
    },
  };
}

/** Each step of a deploy renews the lease, and writes and reads the deploy's record. */
function tableUsage(work: readonly Work[], demand: Demand): Pick<Usage, 'tableWrites' | 'tableReads' | 'tableGigabytes'> {
  // Runs that write other records, or none.
  const others: readonly string[] = [...Object.values(RENDERS), RUNBOOKS, ALARM_CHANGES];
  const steps = total(
    work
      .filter(({ what, scheduled }) => !scheduled && !others.includes(what))
      .map(({ runsPerMonth, run }) => runsPerMonth * run.invocations),
  );
  const recordBytes = ASSUMED.recordBytes + ASSUMED.targetRecordBytes * demand.servers;
  const writesPerStep = 1 + Math.ceil(recordBytes / 1024);
  const readsPerStep = Math.ceil(recordBytes / 4096);
  const history = demand.deploysPerDay * ASSUMED.historyDays;
  const deploys = demand.deploysPerDay * DAYS_PER_MONTH;
  // The starts of the latest deploys, sweeps or incidents are short: a widget reads them in one unit.
  const readsPerRender = 1 + ROWS.default * readsPerStep;
  const targets = runsOf(work, 'targets');
  const readsOfSweeps = 1 + ROWS.default * Math.ceil(ASSUMED.sweepRecordBytes / 4096);
  const readsOfIncidents = 1 + INCIDENT_ROWS * Math.ceil(ASSUMED.incidentRecordBytes / 4096);
  const readings = readingsOf(work);
  // Its own record, and that of the nodes.
  const writesPerReading = Math.ceil(ASSUMED.storeRecordBytes / 1024) + Math.ceil(ASSUMED.nodesRecordBytes / 1024);
  // Both, and what the last sweep found.
  const readsPerReading = Math.ceil(ASSUMED.storeRecordBytes / 4096) + Math.ceil(ASSUMED.nodesRecordBytes / 4096) + 1;
  const sweeps = work.find(({ what }) => what === SWEEPS);
  const sweepRuns = sweeps?.runsPerMonth ?? 0;
  const writesPerSweep = sweeps ? writesOfSweep(sweeps.run.visits['Sweep'] ?? 0) : 0;
  return {
    tableWrites: {
      value: steps * writesPerStep + deploys * WRITES_PER_DEPLOY + targets + readings * writesPerReading + sweepRuns * writesPerSweep,
      arithmetic: [
        `${show(steps)} steps × (1 for the lease + ${writesPerStep - 1} for a record of ${show(recordBytes)} B)`,
        `${show(deploys)} deploys × ${WRITES_PER_DEPLOY} for start and suspension`,
        `${show(targets)} registrations of targets`,
        `${show(readings)} ${READINGS} × ${writesPerReading}`,
        `${show(sweepRuns)} ${SWEEPS} × ${show(writesPerSweep)} for checkpoints of ${show(ASSUMED.checkpointBytes)} B and records`,
      ].join(' + '),
    },
    tableReads: {
      value:
        steps * readsPerStep +
        targets * READS_PER_TARGET +
        runsOf(work, RENDERS.deploys) * readsPerRender +
        runsOf(work, RENDERS.sweeps) * readsOfSweeps +
        runsOf(work, RENDERS.incidents) * readsOfIncidents +
        readings * readsPerReading,
      arithmetic: `${show(steps)} steps × ${readsPerStep} + ${show(targets)} targets × ${READS_PER_TARGET} for registrations + ${show(runsOf(work, RENDERS.deploys))} ${RENDERS.deploys} × ${readsPerRender} + ${show(runsOf(work, RENDERS.sweeps))} ${RENDERS.sweeps} × ${show(readsOfSweeps)} + ${show(runsOf(work, RENDERS.incidents))} ${RENDERS.incidents} × ${show(readsOfIncidents)} + ${show(readings)} ${READINGS} × ${readsPerReading}`,
    },
    tableGigabytes: {
      value: (history * recordBytes) / GB,
      arithmetic: `${show(history)} deploys on record × ${show(recordBytes)} B`,
    },
  };
}

/** Its place in the list, its suspension, the mark that it resumes, and the suspension's deletion. */
const WRITES_PER_DEPLOY = 4;
/** Before it is deregistered, and before it is registered again. */
const READS_PER_TARGET = 2;

/** Its start and end, its record and its place in the list, and the shares that the collector uses. */
const RECORDS_PER_SWEEP = 7;

/** Checkpoints in between, the lease that each invocation takes and the checkpoint that it leaves, and letting go: all of one item. */
function writesOfSweep(invocations: number): number {
  const ofItem = Math.ceil(ASSUMED.checkpointBytes / 1024);
  return (ASSUMED.sweepSeconds / ASSUMED.sweepSaveSeconds + 2 * invocations + 1) * ofItem + RECORDS_PER_SWEEP;
}

type ReleaseUsage = Pick<Usage, 'releaseGigabytes' | 'oldReleaseGigabytes' | 'releaseTransitions' | 'objectWrites' | 'objectReads'>;

function releaseUsage(work: readonly Work[], { releasesArchivedAfterDays }: Fleet, demand: Demand): ReleaseUsage {
  const runs = (what: string) => runsOf(work, what);
  const installs = runs('targets') + runs('launches');
  const newDays = Math.min(ASSUMED.historyDays, releasesArchivedAfterDays);
  const oldDays = ASSUMED.historyDays - newDays;
  const stored = (days: number, which: string): Quantity => ({
    value: (demand.deploysPerDay * days * ASSUMED.releaseMegabytes) / 1000,
    arithmetic: `${show(demand.deploysPerDay * days)} releases ${which} × ${ASSUMED.releaseMegabytes} MB: one per deploy, and old ones are never deleted`,
  });
  return {
    releaseGigabytes: stored(newDays, oldDays > 0 ? `of ${newDays} days` : 'of a year'),
    oldReleaseGigabytes: stored(oldDays, `of the ${oldDays} days before that`),
    releaseTransitions: {
      value: oldDays > 0 ? runs('deploys') : 0,
      arithmetic: `once per release, of ${show(runs('deploys'))}`,
    },
    objectWrites: {
      value: runs('deploys') + installs * ASSUMED.requestsPerInstall,
      arithmetic: `${show(runs('deploys'))} releases published + ${show(installs)} installs × ${ASSUMED.requestsPerInstall} lists`,
    },
    objectReads: {
      value: installs * ASSUMED.requestsPerInstall,
      arithmetic: `${show(installs)} installs × ${ASSUMED.requestsPerInstall}`,
    },
  };
}

const runsOf = (work: readonly Work[], what: string): number => work.find((one) => one.what === what)?.runsPerMonth ?? 0;
const readingsOf = (work: readonly Work[]): number => runsOf(work, READINGS);

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** `1,204`, `38.3`, `0.25`, `0.0032` */
export function show(value: number): string {
  if (value > 0 && value < 1) return value.toLocaleString('en-US', { maximumSignificantDigits: 2 });
  return value.toLocaleString('en-US', { maximumFractionDigits: value >= 100 ? 0 : value >= 10 ? 1 : 2 });
}
