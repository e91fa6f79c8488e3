/** The watched alarms of a deploy: before each target, and while it settles. */
import type { Records } from '../../records/records.ts';
import type { DeployRecord, FleetRecord } from '../../records/types.ts';
import type { AlarmReading, Alarms } from '../../shared/aws/alarms.ts';
import { placeOf } from '../../shared/command-options.ts';
import { peopleAlarmNames, storeAlarmNames } from '../../shared/naming.ts';
import type { VerdictOf } from '../../shared/verdict.ts';
import { NO_RELEASE } from '../../shared/version.ts';
import { addWarnings, newOnes } from '../add-warnings.ts';
import type { AssessRequest, Settle } from '../contract/assess-steps.ts';
import type { DeployContext } from '../contract/common.ts';
import { AlarmFired } from '../errors.ts';
import type { DeploySettings } from '../settings/settings.ts';

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

interface WatchedAlarms {
  readonly stopping: readonly string[];
  /** A warning of the deploy: the store's, which other fleets and the store itself put into ALARM, and those of people that the deploy is not stopped for. */
  readonly reported: readonly string[];
}

type WatchingDeploy = Pick<DeployContext, 'executionArn' | 'fleet' | 'expect'> & {
  readonly settings: Pick<DeployContext['settings'], 'alarmNames'> & Partial<Pick<DeployContext['settings'], 'onPeople'>>;
};

/**
 * @param atStart the alarms as the deploy found them: of those that every installation has it watches the ones that exist, which an
 * upgrade in mid-deploy does not change
 */
function watchedAlarms({ executionArn, fleet, expect, settings }: WatchingDeploy, atStart?: AlarmStates): WatchedAlarms {
  const { installation } = placeOf(executionArn, fleet);
  // A dry run is no execution: it does not know the installation.
  const existing = (names: readonly string[]) =>
    names.filter(
      (name) => installation !== '' && !settings.alarmNames.includes(name) && (atStart === undefined || atStart[name] !== undefined),
    );
  const people = existing(peopleAlarmNames(installation, fleet));
  const store = existing(storeAlarmNames(installation));
  const stops = settings.onPeople !== 'report' && expect !== 'turned-away';
  return stops
    ? { stopping: [...settings.alarmNames, ...people], reported: store }
    : { stopping: settings.alarmNames, reported: [...people, ...store] };
}

/** Every alarm whose state a deploy notes before it begins. */
export const notedAlarms = (deploy: WatchingDeploy): readonly string[] => Object.values(watchedAlarms(deploy)).flat();

/** State of each alarm by name: `OK`, `ALARM`, `INSUFFICIENT_DATA`. */
export type AlarmStates = Readonly<Record<string, string>>;

interface SettleLimits extends Pick<DeploySettings, 'settleSeconds' | 'storeTimeoutSeconds'> {
  readonly storeFailedOver: boolean;
  readonly deployStartedAtMs: number;
}

/**
 * Whether the alarms stayed out of ALARM after the deploy. One that was in ALARM before must not block the deploy that fixes
 * it; one that had no data before and is in ALARM now counts like one that was OK. Metrics are minutes old, so an alarm can fire
 * during the deploy because of data from before it: that is not the deploy's doing, as after a deploy that failed a minute
 * earlier. CloudWatch keeps the reason of the change while an alarm stays in ALARM. After a failover of the session store an
 * alarm may have fired because of the store: it is given time to recover, which it does not if the release is at fault too.
 * @throws AlarmFired naming every alarm that fired
 */
export function judgeSettle(
  atStart: AlarmStates,
  now: Readonly<Record<string, AlarmReading>>,
  settleStartedAtMs: number,
  nowMs: number,
  { settleSeconds, storeTimeoutSeconds, storeFailedOver, deployStartedAtMs }: SettleLimits,
): VerdictOf<'DONE' | 'WAIT'> {
  const fired = firedSince(atStart, now, deployStartedAtMs);
  const elapsedSeconds = (nowMs - settleStartedAtMs) / 1000;
  if (fired.length > 0) {
    if (storeFailedOver && elapsedSeconds < settleSeconds + storeTimeoutSeconds) return 'WAIT';
    throw alarmFired(fired);
  }
  return elapsedSeconds >= settleSeconds ? 'DONE' : 'WAIT';
}

/** Names of the alarms that came into ALARM by what happened since the deploy began. */
function firedSince(atStart: AlarmStates, now: Readonly<Record<string, AlarmReading>>, deployStartedAtMs: number): readonly string[] {
  return Object.keys(now).filter((name) => {
    const { state, dataUntilMs = Number.POSITIVE_INFINITY } = now[name] as AlarmReading;
    return state === 'ALARM' && atStart[name] !== 'ALARM' && dataUntilMs > deployStartedAtMs;
  });
}

const alarmFired = (names: readonly string[]): AlarmFired =>
  new AlarmFired(`in ALARM since the deploy began: ${names.toSorted().join(', ')}`);
