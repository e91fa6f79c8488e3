/** What incidents read and write in a month; their functions and their state machine are counted with those of deploys. Pure. */
import { SOURCES } from '../../functions/incidents/contract/evidence.ts';
import { CHECKS_PER_COMPARISON } from '../../functions/incidents/contract/tend.ts';
import { ASSUMED } from './assumptions.ts';
import { type Quantity, show, type Usage } from './estimate-usage.ts';
import { ALARM_CHANGES, RUNBOOKS, TENDED, type Work } from './list-runs.ts';

/** A step moves the incident to its stage, and writes what it found; a change of an alarm is a sign, and may be the end of the trouble. */
const WRITES_OF_RECORD = 2;
/** The bundle of all parts, and the report in two forms. */
const OBJECTS_PER_RUNBOOK = SOURCES.length + 3;
/** Every part for the bundle; the bundle for the report, and for its message. */
const READS_PER_RUNBOOK = SOURCES.length + 2;
/** Of the load balancer, in one call that is charged by metric. */
const METRICS_PER_RUNBOOK = 5;

/** Adds them to `usage`. What is stored is all counted as new: most of it is smaller than the 128 KB that S3 moves to another class. */
export function addIncidents(usage: Usage, work: readonly Work[]): Usage {
  const [runbooks, changes, checks] = [RUNBOOKS, ALARM_CHANGES, TENDED].map((what) => work.find((one) => one.what === what));
  const [runs = 0, changed = 0, checked = 0] = [runbooks, changes, checks].map((one) => one?.runsPerMonth ?? 0);
  const invocations = runbooks?.run.invocations ?? 0;
  const writes = WRITES_OF_RECORD * Math.ceil(ASSUMED.incidentRecordBytes / 1024);
  const reads = Math.ceil(ASSUMED.incidentRecordBytes / 4096);
  // Sources write no record.
  const writesPerRun = Math.max(0, invocations - SOURCES.length) * writes;
  const ofYear = runs * 12;
  return {
    ...usage,
    alarmReads: plus(
      usage.alarmReads,
      runs * METRICS_PER_RUNBOOK + checked / CHECKS_PER_COMPARISON,
      `GetMetricData: ${show(runs)} ${RUNBOOKS} × ${METRICS_PER_RUNBOOK} metrics + DescribeAlarms: ${show(checked)} ${TENDED} / ${CHECKS_PER_COMPARISON}`,
    ),
    tableWrites: plus(
      usage.tableWrites,
      runs * writesPerRun + changed * (writes + 1),
      `${show(runs)} ${RUNBOOKS} × ${show(writesPerRun)} + ${show(changed)} ${ALARM_CHANGES} × ${show(writes + 1)} for records of ${show(ASSUMED.incidentRecordBytes)} B`,
    ),
    // Which incidents are open is one unit.
    tableReads: plus(
      usage.tableReads,
      runs * invocations * reads + changed * (reads + 1) + checked,
      `${show(runs)} ${RUNBOOKS} × ${show(invocations * reads)} + ${show(changed)} ${ALARM_CHANGES} × ${show(reads + 1)} + ${show(checked)} ${TENDED} × 1`,
    ),
    tableGigabytes: plus(
      usage.tableGigabytes,
      (ofYear * ASSUMED.incidentRecordBytes) / 1e9,
      `${show(ofYear)} incidents × ${show(ASSUMED.incidentRecordBytes)} B`,
    ),
    objectWrites: plus(usage.objectWrites, runs * OBJECTS_PER_RUNBOOK, `${show(runs)} ${RUNBOOKS} × ${OBJECTS_PER_RUNBOOK}`),
    objectReads: plus(usage.objectReads, runs * READS_PER_RUNBOOK, `${show(runs)} ${RUNBOOKS} × ${READS_PER_RUNBOOK}`),
    releaseGigabytes: plus(
      usage.releaseGigabytes,
      (ofYear * ASSUMED.evidenceBytes) / 1e9,
      `evidence of ${show(ofYear)} ${RUNBOOKS} × ${show(ASSUMED.evidenceBytes / 1e6)} MB`,
    ),
  };
}

const plus = (quantity: Quantity, value: number, arithmetic: string): Quantity =>
  value === 0 ? quantity : { value: quantity.value + value, arithmetic: `${quantity.arithmetic} + ${arithmetic}` };
