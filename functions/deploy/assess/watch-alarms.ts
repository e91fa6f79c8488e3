/** The watched alarms of a deploy: before each target, and while it settles. */
import type { Records } from '../../records/records.ts';
import type { DeployRecord, FleetRecord } from '../../records/types.ts';
import type { Alarms } from '../../shared/aws/alarms.ts';
import { NO_RELEASE } from '../../shared/version.ts';
import { addWarnings, newOnes } from '../add-warnings.ts';
import type { AssessRequest, Settle } from '../contract/assess-steps.ts';
import type { DeployContext } from '../contract/common.ts';
import { alarmFired, firedSince, judgeSettle } from './judge-settle.ts';
import { watchedAlarms } from './watched-alarms.ts';

export interface WatchPorts {
  readonly records: Records;
  readonly alarms: Alarms;
  /** The fleet's servers ran before Holdfast: no placeholder is on them. */
  readonly prepares: boolean;
  readonly now: () => number;
}

interface Watched {
  /** The deploy's own. */
  readonly record: DeployRecord | undefined;
  readonly current: FleetRecord | undefined;
  /** The session store's primary changed in mid-deploy. */
  readonly storeFailedOver?: boolean | undefined;
}

/**
 * Stops the deploy before a target is touched if an alarm has fired. After a failover of the store, alarms are judged only at the end of the
 * deploy, where they have time to recover. Once the release is the fleet's, they are left to the operator.
 * @throws AlarmFired naming every alarm that fired since the deploy began
 */
export async function stopOnAlarms(
  ports: WatchPorts,
  deploy: DeployContext,
  { record, current, storeFailedOver = false }: Watched,
): Promise<void> {
  if (storeFailedOver || current?.deployId === deploy.deployId || watchesNothing(ports, deploy, record)) return;
  const fired = firedSince(record?.alarmsAtStart ?? {}, await readStopping(ports, deploy, record), record?.startedAtMs ?? 0);
  if (fired.length > 0) throw alarmFired(fired);
}

/** Reads the alarms that stop the deploy; those that are only reported become warnings when they have fired. */
async function readStopping(
  { records, alarms }: WatchPorts,
  deploy: DeployContext,
  record: DeployRecord | undefined,
): Promise<Awaited<ReturnType<Alarms['read']>>> {
  const atStart = record?.alarmsAtStart ?? {};
  const { stopping, reported } = watchedAlarms(deploy, atStart);
  const readings = await alarms.read([...stopping, ...reported]);
  const only = (names: readonly string[]) => Object.fromEntries(Object.entries(readings).filter(([name]) => names.includes(name)));
  const noted = firedSince(atStart, only(reported), record?.startedAtMs ?? 0);
  await addWarnings(records, deploy, newOnes(record, noted.map(reportedSentence)));
  return only(stopping);
}

const reportedSentence = (name: string): string =>
  `${name} is in ALARM since the deploy began: it does not stop this deploy. Find the cause before the next one`;

/**
 * Alarms do not end a restart: no release is on trial, the bake has watched the one server, and the incident for which it is restarted can
 * make alarms fire. They do not end a first deploy either: it replaces placeholders, which answer 503, so earlier alarms are no measure.
 */
const watchesNothing = ({ prepares }: WatchPorts, { restart }: DeployContext, record: DeployRecord | undefined): boolean =>
  restart !== undefined || (record?.from === NO_RELEASE && !prepares);

export async function settle(
  ports: WatchPorts,
  deploy: DeployContext,
  { settleStartedAtMs: startedAtMs, storeFailedOver }: Extract<AssessRequest, { step: 'settle' }>,
): Promise<Settle> {
  const { fleet, deployId, settings } = deploy;
  const nowMs = ports.now();
  const settleStartedAtMs = startedAtMs || nowMs;
  if (deploy.restart !== undefined) return { verdict: 'DONE', settleStartedAtMs };
  if (startedAtMs === 0) await ports.records.updateDeploy(fleet, deployId, { stage: 'settling' });
  const record = await ports.records.getDeploy(fleet, deployId);
  if (watchesNothing(ports, deploy, record)) return { verdict: 'DONE', settleStartedAtMs };
  const alarms = await readStopping(ports, deploy, record);
  const limits = { ...settings, storeFailedOver, deployStartedAtMs: record?.startedAtMs ?? 0 };
  const verdict = judgeSettle(record?.alarmsAtStart ?? {}, alarms, settleStartedAtMs, nowMs, limits);
  return { verdict, settleStartedAtMs };
}
