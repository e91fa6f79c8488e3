import type { Records } from '../../records/records.ts';
import type { DeployRecord, TargetProgress } from '../../records/types.ts';
import type { RequestRate } from '../../shared/aws/balancer-metrics.ts';
import { warningsOf } from '../../shared/check.ts';
import { settleAll } from '../../shared/end-at.ts';
import { foreignHooks } from '../../shared/foreign-hooks.ts';
import { addWarnings, newOnes } from '../add-warnings.ts';
import type { AssessRequest, NextTarget } from '../contract/assess-steps.ts';
import type { DeployContext } from '../contract/common.ts';
import type { Roll } from '../contract/roll.ts';
import { TargetFailed } from '../errors.ts';
import { isFirst, isPaused, judgePause, owesPause } from '../pause/decide-pause.ts';
import { firstBakeSecondsOf } from '../people/describe-people.ts';
import { findNeverStarted, findStillRunning, type RollPorts } from '../rolls/await-rolls.ts';
import { givenAtOnce, isPrepared, mostAtOnce, namesOf, plannedServers, type TargetInFlight, targetsAtWork } from '../rolls/in-flight.ts';
import type { DeploySettings } from '../settings/settings.ts';
import { chooseNextTarget, isStarting, type NextStep, nextToRestart } from './choose-next-target.ts';
import type { FleetMember } from './fleet-members.ts';
import { STOPPED } from './preflight.ts';
import {
  allOf,
  comesUpLater,
  type FleetPorts,
  keepsServing,
  newcomersOf,
  progressOf,
  readFleet,
  restartOf,
  rolledOf,
  waitsForOthers,
  withNewcomers,
} from './read-fleet.ts';
import { stopOnAlarms, type WatchPorts } from './watch-alarms.ts';
import { begins, holdWhilePaused, type PausePorts } from './while-paused.ts';

export interface NextTargetPorts extends FleetPorts, RollPorts, WatchPorts {
  readonly records: FleetPorts['records'] &
    RollPorts['records'] &
    WatchPorts['records'] &
    PausePorts['records'] &
    Pick<Records, 'updateDeploy' | 'putTarget' | 'getRelease'>;
  readonly requestRate: RequestRate;
}

/**
 * The next target that the deploy begins to roll, on record before it is. Nothing is begun after a failure, and none while as many are in
 * flight as may be.
 */
export async function nextTarget(
  ports: NextTargetPorts,
  { deploy, waitingSinceMs, storeFailedOver }: Extract<AssessRequest, { step: 'nextTarget' }>,
): Promise<NextTarget> {
  const nowMs = ports.now();
  const read = await readFleet(ports, deploy);
  if (deploy.restart === undefined)
    await addWarnings(
      ports.records,
      deploy,
      newOnes(read.record, warningsOf([STOPPED], 'preflight', { stopped: read.stopped, restarts: false })),
    );
  const planned = read.record?.targets ?? {};
  const begun = targetsAtWork(planned);
  const failing = [...begun, ...(await findStillRunning(ports, planned))];
  const next = await decide(ports, deploy, { ...read, planned, begun, failing, waitingSinceMs, storeFailedOver, nowMs });
  const { executionName } = next;
  return { ...next, atWork: [...new Set([...namesOf(failing), ...(executionName === undefined ? [] : [executionName])])] };
}

/** What the decision is made by. */
interface Facts extends Awaited<ReturnType<typeof readFleet>> {
  readonly planned: Readonly<Record<string, TargetProgress>>;
  readonly begun: readonly TargetInFlight[];
  /** Those that have begun, and those that have failed and are not back in their place. */
  readonly failing: readonly TargetInFlight[];
  readonly waitingSinceMs: number;
  readonly storeFailedOver: boolean | undefined;
  readonly nowMs: number;
}

type Decision = Omit<NextTarget, 'atWork'>;

async function decide(ports: NextTargetPorts, deploy: DeployContext, facts: Facts): Promise<Decision> {
  const { records } = ports;
  const { fleet, deployId, version, recover, settings } = deploy;
  const { record, current, planned, begun, failing, waitingSinceMs, storeFailedOver, nowMs } = facts;
  const members = facts.members.filter(({ instanceId }) => !isLeftOut(planned[instanceId]));
  if (record?.firstFailure) return failed(record.firstFailure, failing.length > 0);
  if (record && isPaused(record)) return holdWhilePaused(ports, deploy, { ...facts, record });
  const again = await findNeverStarted(ports, begun);
  const servers = plannedServers(planned);
  const limit = mostAtOnce(settings.maxParallel, servers);
  const among = givenAtOnce(limit, servers);
  if (again) return chosen(ports, deploy, again, { room: begun.length < limit, among });

  const restarted = restartOf(deploy, current);
  const known = restarted ? planned : withNewcomers(planned, members, nowMs);
  for (const [instanceId, progress] of Object.entries(known)) {
    if (!planned[instanceId]) await records.putTarget(fleet, deployId, instanceId, progress);
  }
  const choice = {
    rolled: rolledOf(known),
    newcomers: newcomersOf(known),
    inFlight: new Set(failing.map(({ instanceId }) => instanceId)),
    zonesInFlight: new Map(failing.flatMap(({ instanceId, zone }) => (zone === undefined ? [] : [[instanceId, zone] as const]))),
    mostAtOnce: limit,
    version,
    ...allOf(deploy),
    recover,
    waitingSinceMs: waitingSinceMs || undefined,
    nowMs,
    limits: settings,
  };
  const next = restarted ? nextToRestart(members, restarted, choice) : chooseNextTarget(members, choice);
  if (next.verdict === 'AWAIT') return { verdict: 'AWAIT', waitingSinceMs: 0 };
  const stopping = { ...record, pauseAfter: deploy.pauseAfter, targets: known, isPromoted: current?.deployId === deployId };
  if (next.verdict !== 'ROLL') {
    const decision = await unlessComing(ports, deploy, next, { members, known });
    if (decision.verdict !== 'DONE' || !owesPause(stopping)) return decision;
    await stopOnAlarms(ports, deploy, { record, current, storeFailedOver });
    return begins(settings);
  }
  const atWork = failing.length;
  const state = judgePause({ ...stopping, atWork });
  if (state === 'full') return { verdict: 'AWAIT', waitingSinceMs: 0 };
  await stopOnAlarms(ports, deploy, { record, current, storeFailedOver });
  if (state === 'begins') return begins(settings);
  const { order = 0, phases, newcomer, seenAtMs } = known[next.member.instanceId] ?? {};
  const { instanceId } = next.member;
  // On record before it starts: an execution that no record names could not be stopped. A deploy rolls a target once, and a step
  // that is delivered twice gives the same name, so that both are about the same execution.
  const executionName = `${instanceId}-${deploy.startedAtMs}`;
  const progress = {
    ...progressOf(next.member, order, 'waiting', nowMs),
    startedAtMs: nowMs,
    executionName,
    ...(phases && { phases }),
    ...(newcomer && { newcomer, seenAtMs }),
    ...(next.mayFail && { mayFail: true as const }),
    ...firstBake(deploy, { targets: known, atWork, people: record?.people }),
  };
  const [isNext, , decision] = await settleAll([
    records.putTarget(fleet, deployId, instanceId, progress),
    records.updateDeploy(fleet, deployId, { stage: 'rolling' }),
    chosen(ports, deploy, { ...progress, instanceId }, { room: failing.length + 1 < limit, among }),
  ]);
  // Choosing it again would never end: its execution's name can be used only once, so no other execution would start.
  if (!isNext) throw new TargetFailed(`${instanceId} still lacks release ${version}, and execution ${executionName} has already rolled it`);
  return decision;
}

/** Its instance ended while it was rolled: see traffic/decide-put-back.ts. */
const isLeftOut = (target: TargetProgress | undefined): boolean => target?.phase === 'skipped' && target.executionName !== undefined;

const failed = (error: NonNullable<DeployRecord['firstFailure']>, awaitsOthers: boolean): Decision =>
  awaitsOthers ? { verdict: 'AWAIT', waitingSinceMs: 0 } : { verdict: 'FAILED', waitingSinceMs: 0, error };

async function chosen(
  ports: NextTargetPorts,
  { settings, adopt }: DeployContext,
  target: TargetInFlight,
  { room, among }: { readonly room: boolean; readonly among: Pick<Roll, 'atOnce'> },
): Promise<Decision> {
  const { instanceId, executionName, startedAtMs = 0, mayFail, bakeSeconds } = target;
  const quietSeconds = chooseQuietSeconds(await ports.requestRate.perMinute(ports.now()), settings);
  const more = {
    ...among,
    ...(adopt === undefined && isPrepared(ports, target) && { isPrepared: true as const }),
    ...(mayFail && { mayFail }),
    ...(bakeSeconds !== undefined && { bakeSeconds }),
  };
  const roll = { instanceId, executionName, quietSeconds, phaseStartedAtMs: startedAtMs, ...more };
  return { verdict: 'ROLL', waitingSinceMs: 0, executionName, room, roll };
}

/** How long the first targets bake, where that is longer: by the settings, or until the load balancer's metrics are there. */
function firstBake(
  { pauseAfter, settings }: DeployContext,
  { people, ...facts }: Pick<Parameters<typeof isFirst>[0], 'targets' | 'atWork'> & Pick<DeployRecord, 'people'>,
): Pick<TargetProgress, 'bakeSeconds'> {
  const first = firstBakeSecondsOf(settings, people);
  return first !== settings.bakeSeconds && isFirst({ ...facts, pauseAfter }) ? { bakeSeconds: first } : {};
}

/** Nothing is left to roll but what has not come yet. */
async function unlessComing(
  { records, group, now }: NextTargetPorts,
  deploy: DeployContext,
  next: Extract<NextStep, { verdict: 'WAIT' | 'DONE' }>,
  { members, known }: { readonly members: readonly FleetMember[]; readonly known: Readonly<Record<string, TargetProgress>> },
): Promise<Decision> {
  const { fleet, deployId, version, settings } = deploy;
  for (const instanceId of next.leftOut) {
    const serving = members.find((member) => member.instanceId === instanceId && !isStarting(member, { rolled: new Set(), version }));
    const waiting = members.find((member) => member.instanceId === instanceId && member.waits);
    // It explains, and decides nothing: without an answer there is less of an explanation.
    const hooks = waiting && group ? foreignHooks(await group.hooks().catch(() => []), 'launch') : [];
    const seconds = settings.newcomerTimeoutSeconds;
    const later = waiting && hooks.length > 0 ? waitsForOthers(waiting, hooks, seconds) : comesUpLater(deploy, seconds);
    const detail = serving ? keepsServing(serving, seconds) : later;
    const phase = serving ? 'failed' : 'skipped';
    if (known[instanceId]?.phase !== phase) {
      await records.updateTarget(fleet, deployId, instanceId, { phase, finishedAtMs: now(), detail }, { neverRolled: true });
    }
  }
  if (next.verdict === 'DONE') return { verdict: 'DONE', waitingSinceMs: 0 };
  const rolled = rolledOf(known);
  const isDue = (one: FleetMember) => one.proceeds || (one.lifecycle === 'inService' && !rolled.has(one.instanceId));
  const comesOutdated = members.some((one) => isDue(one) && one.version !== version && !next.leftOut.includes(one.instanceId));
  return { verdict: 'WAIT', waitingSinceMs: next.waitingSinceMs, ...(comesOutdated && { comesOutdated }) };
}

type QuietLimits = Pick<DeploySettings, 'quietSeconds' | 'leastQuietSeconds'>;

/** With fewer minutes than this it is unknown how steady the traffic is. */
const FEWEST_MINUTES = 3;
/** Zones of the largest Region: a load balancer node that does not know of the change yet carries at least a sixth of the traffic. */
const MOST_NODES = 6;
/** One silence in a million is by chance: ln(1,000,000). */
const SURPRISE = Math.log(1e6);

/**
 * How long no request has to arrive before a target that left the load balancer counts as idle, in seconds.
 *
 * A load balancer goes on sending for a while, each of its nodes by itself, so silence means something only where
 * requests were to be expected. With random arrivals at a rate r, a silence of t seconds has the chance exp(−r·t); a node
 * that still sends, and carries a sixth of the traffic, would have sent a request within 6 · ln(10⁶) / r = 83 / r seconds.
 * The quietest of the last minutes gives r. Without enough of them the wait is `quietSeconds`, which is also the longest.
 * @param requestsPerMinute requests to one target in each of the last minutes
 */
export function chooseQuietSeconds(requestsPerMinute: readonly number[], limits: QuietLimits): number {
  const { quietSeconds } = limits;
  const leastQuietSeconds = Math.min(limits.leastQuietSeconds, quietSeconds);
  if (requestsPerMinute.length < FEWEST_MINUTES) return quietSeconds;
  const rate = Math.min(...requestsPerMinute) / 60;
  if (rate <= 0) return quietSeconds;
  return Math.min(quietSeconds, Math.max(leastQuietSeconds, (MOST_NODES * SURPRISE) / rate));
}
