/** What a fleet makes Holdfast do in a month, as quantities that AWS charges for, each with its arithmetic. Pure. */
import { ROWS } from '../../functions/widgets/contract.ts';
import { ASSUMED, DAYS_A_MONTH } from './assumptions.ts';
import { type Demand, DRAWS, READINGS, SWEEPS, type Work } from './list-runs.ts';
import type { Fleet } from './read-fleet.ts';

export interface Quantity {
  readonly value: number;
  /** How it comes about, in people's words. */
  readonly arithmetic: string;
}

export interface Usage {
  readonly transitions: Quantity;
  readonly invocations: Quantity;
  readonly gbSeconds: Quantity;
  readonly traces: Quantity;
  readonly alarmLooks: Quantity;
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
    traces: { value: total(work.filter(({ traced }) => traced).map(({ runsAMonth }) => runsAMonth)), arithmetic: 'one for each execution' },
    alarmLooks: alarmLooks(work),
    scheduledRuns: {
      value: total(work.filter(({ scheduled }) => scheduled).map(({ runsAMonth }) => runsAMonth)),
      arithmetic: 'runs that a schedule starts; events of AWS services are free',
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
    value: total(used.map(({ runsAMonth, run }) => runsAMonth * run[part])),
    arithmetic: used.map(({ what, runsAMonth, run }) => `${show(runsAMonth)} ${what} × ${show(run[part])}`).join(' + ') || 'none',
  };
}

/** Preflight asks for the alarms once, and each look while the deploy settles. */
function alarmLooks(work: readonly Work[]): Quantity {
  const deploys = work.find(({ what }) => what === 'deploys');
  const each = 1 + (deploys?.run.visits['Settle'] ?? 0);
  const runs = deploys?.runsAMonth ?? 0;
  return { value: runs * each, arithmetic: `DescribeAlarms: ${show(runs)} deploys × ${show(each)} looks at the alarms` };
}

function logUsage(work: readonly Work[], { logRetentionDays }: Fleet): Pick<Usage, 'logGigabytes' | 'storedLogGigabytes'> {
  const invocations = total(work.map(({ runsAMonth, run }) => runsAMonth * run.invocations));
  const events = total(work.filter(({ logged }) => logged).map(({ runsAMonth, run }) => runsAMonth * run.events));
  // Two metrics a deploy and two a target: see METRICS.
  const metrics = total(work.map(({ what, runsAMonth }) => runsAMonth * (what === 'deploys' ? 2 : what === 'targets' ? 2 : 0)));
  const readings = readingsOf(work);
  const bytes =
    invocations * ASSUMED.invocationLogBytes +
    events * ASSUMED.historyEventBytes +
    metrics * ASSUMED.metricLogBytes +
    readings * ASSUMED.readingLogBytes;
  const months = logRetentionDays === 0 ? 12 : logRetentionDays / DAYS_A_MONTH;
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
      arithmetic: `a month's logs × ${show(months)} months of retention, as if not compressed`,
    },
  };
}

/** Each step of a deploy renews the lease, writes the deploy's record and reads it; suspending reads every deploy on record. */
function tableUsage(work: readonly Work[], demand: Demand): Pick<Usage, 'tableWrites' | 'tableReads' | 'tableGigabytes'> {
  const draws: readonly string[] = Object.values(DRAWS);
  const steps = total(
    work.filter(({ what, scheduled }) => !scheduled && !draws.includes(what)).map(({ runsAMonth, run }) => runsAMonth * run.invocations),
  );
  const recordBytes = ASSUMED.recordBytes + ASSUMED.targetRecordBytes * demand.servers;
  const writesAStep = 1 + Math.ceil(recordBytes / 1024);
  const readsAStep = Math.ceil(recordBytes / 4096);
  const history = demand.deploysADay * ASSUMED.historyDays;
  const deploys = demand.deploysADay * DAYS_A_MONTH;
  // Starts of deploys are short: those of a draw are one read.
  const readsADraw = 1 + ROWS.shown * readsAStep;
  const readsOfHistory = Math.ceil((history * recordBytes) / 4096);
  const sweepsOnRecord = ASSUMED.sweepsADay * ASSUMED.historyDays;
  const readsOfSweeps = Math.ceil((sweepsOnRecord * ASSUMED.sweepRecordBytes) / 4096);
  const readings = readingsOf(work);
  const writesAReading = Math.ceil(ASSUMED.storeRecordBytes / 1024);
  // Its own record, and what the last sweep found.
  const readsAReading = Math.ceil(ASSUMED.storeRecordBytes / 4096) + 1;
  const sweeps = work.find(({ what }) => what === SWEEPS);
  const sweepRuns = sweeps?.runsAMonth ?? 0;
  const writesASweep = sweeps ? writesOfSweep(sweeps.run.visits['Sweep'] ?? 0) : 0;
  return {
    tableWrites: {
      value: steps * writesAStep + deploys + readings * writesAReading + sweepRuns * writesASweep,
      arithmetic: [
        `${show(steps)} steps × (1 for the lease + ${writesAStep - 1} for a record of ${show(recordBytes)} B)`,
        `${show(deploys)} starts of deploys`,
        `${show(readings)} ${READINGS} × ${writesAReading}`,
        `${show(sweepRuns)} ${SWEEPS} × ${show(writesASweep)} for checkpoints of ${show(ASSUMED.checkpointBytes)} B and records`,
      ].join(' + '),
    },
    tableReads: {
      value:
        steps * readsAStep +
        deploys * readsOfHistory +
        runsOf(work, DRAWS.deploys) * readsADraw +
        runsOf(work, DRAWS.sweeps) * readsOfSweeps +
        readings * readsAReading,
      arithmetic: `${show(steps)} steps × ${readsAStep} + ${show(deploys)} deploys × ${show(readsOfHistory)} for ${show(history)} deploys on record + ${show(runsOf(work, DRAWS.deploys))} ${DRAWS.deploys} × ${readsADraw} + ${show(runsOf(work, DRAWS.sweeps))} ${DRAWS.sweeps} × ${show(readsOfSweeps)} + ${show(readings)} ${READINGS} × ${readsAReading}`,
    },
    tableGigabytes: {
      value: (history * recordBytes) / GB,
      arithmetic: `${show(history)} deploys on record × ${show(recordBytes)} B`,
    },
  };
}

/** Its begin and end, its record, and the shares that the collector goes by. */
const RECORDS_A_SWEEP = 6;

/** Checkpoints in between, the lease that each invocation takes and the checkpoint that it leaves, and letting go: all of one item. */
function writesOfSweep(invocations: number): number {
  const ofItem = Math.ceil(ASSUMED.checkpointBytes / 1024);
  return (ASSUMED.sweepSeconds / ASSUMED.sweepSaveSeconds + 2 * invocations + 1) * ofItem + RECORDS_A_SWEEP;
}

type ReleaseUsage = Pick<Usage, 'releaseGigabytes' | 'oldReleaseGigabytes' | 'releaseTransitions' | 'objectWrites' | 'objectReads'>;

function releaseUsage(work: readonly Work[], { releasesInfrequentAfterDays }: Fleet, demand: Demand): ReleaseUsage {
  const runs = (what: string) => runsOf(work, what);
  const installs = runs('targets') + runs('launches');
  const newDays = Math.min(ASSUMED.historyDays, releasesInfrequentAfterDays);
  const oldDays = ASSUMED.historyDays - newDays;
  const stored = (days: number, which: string): Quantity => ({
    value: (demand.deploysADay * days * ASSUMED.releaseMegabytes) / 1000,
    arithmetic: `${show(demand.deploysADay * days)} releases ${which} × ${ASSUMED.releaseMegabytes} MB: one a deploy, and nothing deletes old ones`,
  });
  return {
    releaseGigabytes: stored(newDays, oldDays > 0 ? `of ${newDays} days` : 'of a year'),
    oldReleaseGigabytes: stored(oldDays, `of the ${oldDays} days before`),
    releaseTransitions: {
      value: oldDays > 0 ? runs('deploys') : 0,
      arithmetic: `each of ${show(runs('deploys'))} releases once`,
    },
    objectWrites: {
      value: runs('deploys') + installs * ASSUMED.requestsAnInstall,
      arithmetic: `${show(runs('deploys'))} releases published + ${show(installs)} installs × ${ASSUMED.requestsAnInstall} lists`,
    },
    objectReads: {
      value: installs * ASSUMED.requestsAnInstall,
      arithmetic: `${show(installs)} installs × ${ASSUMED.requestsAnInstall}`,
    },
  };
}

const runsOf = (work: readonly Work[], what: string): number => work.find((one) => one.what === what)?.runsAMonth ?? 0;
const readingsOf = (work: readonly Work[]): number => runsOf(work, READINGS);

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** `1,204`, `38.3`, `0.25`, `0.0032` */
export function show(value: number): string {
  if (value > 0 && value < 1) return value.toLocaleString('en-US', { maximumSignificantDigits: 2 });
  return value.toLocaleString('en-US', { maximumFractionDigits: value >= 100 ? 0 : value >= 10 ? 1 : 2 });
}
