import { BEFORE_INSTALL, keptRelease, MAX_PHASES, restoredRelease, touchedTargets } from '../../records/touched-targets.ts';
import type { Phase, TargetProgress } from '../../records/types.ts';
import { NO_RELEASE, UNKNOWN_RELEASE } from '../../shared/version.ts';
import { emptiesZone } from '../rolls/in-flight.ts';
import { hasEnded } from '../target-phases.ts';

type CleanUpAction =
  | { readonly action: 'roll'; readonly instanceId: string; readonly toVersion: string }
  | { readonly action: 'register'; readonly instanceId: string }
  /** A rollback at work has to end first: no more are allowed at once, or its end lets another target go back. */
  | { readonly action: 'await' }
  | { readonly action: 'wait' }
  | { readonly action: 'done'; readonly heldBack: readonly string[] };

export interface FleetAfterDeploy {
  readonly targets: Readonly<Record<string, TargetProgress>>;
  /** Load balancer's target states by instance id; absent: not registered. */
  readonly health: ReadonlyMap<string, string>;
  /** The release that the deploy rolled. */
  readonly version: string;
  /** The deploy restarted servers that have that release already. */
  readonly restartAll?: true | undefined;
  /** The release that the fleet's record names. */
  readonly current: string;
  /** Releases that are on record, among those that targets had. */
  readonly installable: ReadonlySet<string>;
  /** `halt`, or the deploy has promoted its release: then nothing goes back. */
  readonly mode: 'rollback' | 'halt';
  /** Targets that have the placeholder: whatever their health, they serve nobody. */
  readonly placeholders: ReadonlySet<string>;
  /** How many others stay healthy while a target that serves goes back. 0 with `recover`. */
  readonly minimumHealthyTargets: number;
  /** Targets that go back at the moment: they do not count as healthy. */
  readonly inFlight: ReadonlySet<string>;
  /** How many go back at once. */
  readonly mostAtOnce: number;
  /** The time is up in which others could have become healthy. */
  readonly waitIsOver: boolean;
}

/**
 * Touched targets whose instances are gone: the record and the registration of an instance are deleted when it terminates.
 * One that had no record before the deploy, such as a placeholder's, counts as gone only once the deploy has given it one.
 */
export function goneTargets(targets: FleetAfterDeploy['targets'], present: ReadonlySet<string>): readonly string[] {
  return touchedTargets(targets)
    .filter(([instanceId, target]) => !present.has(instanceId) && wasOnRecord(target))
    .map(([instanceId]) => instanceId);
}

/** An instance is recorded once a release is installed on it, before it is ready. */
const wasOnRecord = ({ fromVersion, phases = [] }: TargetProgress): boolean =>
  (fromVersion !== UNKNOWN_RELEASE && fromVersion !== NO_RELEASE) || phases.some(({ phase }) => phase === 'checkingReadiness');

/** Nothing has to be brought back to it. */
export const hasPreviousRelease = (target: TargetProgress): boolean => keptRelease(target) || restoredRelease(target);

/** A rollback that failed: it is not tried twice. */
const rollbackFailed = ({ phase, rollingBackTo }: TargetProgress): boolean => phase === 'failed' && rollingBackTo !== undefined;

/**
 * Whether a failed rollback can be the previous release's own doing. One that ended before its install was sent, on a server that is gone
 * or whose agent is silent, shows nothing of that release. Where the history does not show where it ended, it counts.
 */
function blamesPreviousRelease(target: TargetProgress): boolean {
  if (!rollbackFailed(target)) return false;
  const { phases = [] } = target;
  const since = phases.slice(phases.findLastIndex(({ phase }) => phase === 'waiting') + 1);
  const isWhole = since.at(-1)?.phase === 'failed' && phases.length < MAX_PHASES;
  return !isWhole || since.some(({ phase }) => !BEFORE_INSTALL.has(phase));
}

/**
 * The release that a target goes back to: its previous one, or, where that did not serve either, the fleet's current one. A
 * target that had the placeholder gets it again unless the fleet has a release. A restarted one is restarted once more. Undefined where
 * there is none.
 */
export function rollbackVersion(
  target: TargetProgress,
  { current, version, restartAll, installable }: Pick<FleetAfterDeploy, 'current' | 'version' | 'restartAll' | 'installable'>,
): string | undefined {
  if (target.rollingBackTo !== undefined) return target.rollingBackTo;
  const { fromVersion } = target;
  if (restartAll && fromVersion === version) return version;
  const served = target.healthBefore === 'healthy' && fromVersion !== NO_RELEASE;
  const candidates = served ? [fromVersion, current] : [current, fromVersion];
  const release = candidates.find((candidate) => candidate !== version && installable.has(candidate));
  return release ?? (fromVersion === NO_RELEASE ? NO_RELEASE : undefined);
}

/** Healthy targets other than this one, placeholders and those in flight not counted. */
export const healthyOthers = (
  { health, placeholders, inFlight }: Pick<FleetAfterDeploy, 'health' | 'placeholders' | 'inFlight'>,
  instanceId: string,
): number =>
  [...health].filter(([other, state]) => other !== instanceId && state === 'healthy' && !placeholders.has(other) && !inFlight.has(other))
    .length;

/**
 * What the clean-up does next. Targets that kept their release are registered first, which takes no time; then targets that
 * serve nobody are rolled back, for nothing can be lost there. A target that serves is taken out only while the minimum of
 * others is healthy, and waits for that until its time is up: what was just registered is not healthy yet. Then it stays as it
 * is (`heldBack`). A fleet that goes back to placeholders served nobody before: the minimum does not apply. Once a rollback has
 * failed with the previous release, targets that serve stay as they are: that release may be broken, and each attempt takes one more target
 * out of service. As many go back at once as were rolled at once.
 */
export function chooseNextAction(fleet: FleetAfterDeploy): CleanUpAction {
  const { inFlight } = fleet;
  const touched = touchedTargets(fleet.targets).filter(([instanceId]) => !inFlight.has(instanceId));
  const serves = (instanceId: string) => fleet.health.get(instanceId) === 'healthy';
  const mayGo = (instanceId: string, toVersion: string) =>
    !serves(instanceId) ||
    fleet.placeholders.has(instanceId) ||
    (toVersion === NO_RELEASE && fleet.current === NO_RELEASE) ||
    (healthyOthers(fleet, instanceId) >= fleet.minimumHealthyTargets && !emptiesZone(zonesOf(fleet), instanceId, inFlight));
  const heldBack: string[] = [];
  if (fleet.mode === 'rollback') {
    const kept = touched.find(([, target]) => hasPreviousRelease(target) && !hasEnded(target));
    if (kept) return { action: 'register', instanceId: kept[0] };
    if (inFlight.size >= fleet.mostAtOnce) return { action: 'await' };
    const failedBefore = touched.some(([, target]) => blamesPreviousRelease(target));
    const left = touched
      .filter(([, target]) => target.phase !== 'rolledBack' && !rollbackFailed(target) && !hasPreviousRelease(target))
      .filter(([instanceId]) => !failedBefore || !serves(instanceId))
      .sort(([a], [b]) => Number(serves(a)) - Number(serves(b)));
    for (const [instanceId, target] of left) {
      const toVersion = rollbackVersion(target, fleet);
      if (toVersion === undefined) continue;
      if (mayGo(instanceId, toVersion)) return { action: 'roll', instanceId, toVersion };
      if (inFlight.size > 0) return { action: 'await' };
      if (!fleet.waitIsOver) return { action: 'wait' };
      heldBack.push(instanceId);
    }
  }
  if (inFlight.size > 0) return { action: 'await' };
  const unfinished = touched.find(([, target]) => !hasEnded(target));
  return unfinished ? { action: 'register', instanceId: unfinished[0] } : { action: 'done', heldBack };
}

const zonesOf = ({ targets, health, placeholders }: FleetAfterDeploy) =>
  Object.entries(targets).map(([instanceId, { zone }]) => ({
    instanceId,
    zone,
    serves: health.get(instanceId) === 'healthy' && !placeholders.has(instanceId),
  }));

/**
 * What the clean-up of a restart does next. There is no earlier release to go back to: a server that was stopped half way gets the release
 * that it had once more, through every check, once. One that failed its checks stays out of service, and one that serves stays as it is.
 * @param version the release that was restarted @param inFlight the server, while it is rolled
 */
export function chooseAfterRestart(
  targets: Readonly<Record<string, TargetProgress>>,
  version: string,
  inFlight: ReadonlySet<string>,
): CleanUpAction {
  if (inFlight.size > 0) return { action: 'await' };
  const touched = touchedTargets(targets);
  const stopped = touched.find(([, target]) => isStoppedHalfWay(target));
  if (stopped) return { action: 'roll', instanceId: stopped[0], toVersion: version };
  const unfinished = touched.find(([, target]) => !hasEnded(target));
  return unfinished ? { action: 'register', instanceId: unfinished[0] } : { action: 'done', heldBack: [] };
}

function isStoppedHalfWay(target: TargetProgress): boolean {
  if (target.phase === 'done' || target.phase === 'rolledBack' || target.takenOut) return false;
  if (rollbackFailed(target) || hasPreviousRelease(target)) return false;
  const { phases = [target] } = target;
  const last = phases.findLast(({ phase }) => phase !== 'failed')?.phase;
  return target.rollingBackTo !== undefined || last === 'installing' || last === 'checkingReadiness';
}

/**
 * A target's state at the load balancer by its answer and the deploy's record. After a change of the target group its answers can be
 * old for seconds, and a target that is registered again while it drains can be shown as draining for longer: AWS documents neither.
 * What the deploy did itself is on record.
 * @param state as DescribeTargetHealth returned it; `unused` for a target that it did not list
 */
export function healthOnRecord({ takenOut, notRunning }: Pick<TargetProgress, 'takenOut' | 'notRunning'> = {}, state: string): string {
  if (takenOut) return 'unused';
  return takenOut === false && !notRunning && (state === 'draining' || state === 'unused') ? 'initial' : state;
}

/**
 * Whether a target is in service, and not healthy yet. One whose rollback ended after its registration, stopped or out of time, has no
 * word of what became of it but its phases.
 */
export function comesIntoService(target: Pick<TargetProgress, 'takenOut' | 'notRunning' | 'phases'>, state: string): boolean {
  if (['initial', 'unhealthy'].includes(healthOnRecord(target, state))) return true;
  return state === 'draining' && typeof target.takenOut !== 'boolean' && isRegistered(target);
}

const REGISTERED: ReadonlySet<Phase | undefined> = new Set(['registering', 'baking', 'done', 'rolledBack']);

const isRegistered = ({ phases = [] }: Pick<TargetProgress, 'phases'>): boolean =>
  REGISTERED.has(phases.findLast(({ phase }) => phase !== 'failed')?.phase);

/** The load balancer's answers are old for seconds, and a call can take effect that long after its step has ended. */
const SETTLES_AFTER_MS = 60_000;

/**
 * Whether a target has left the load balancer that the deploy had put back into service: the call of a step that was delivered twice took
 * it out again. Asked once in each clean-up, which registers it: somebody else can have taken it out on purpose.
 * @param claimedAtMs when this clean-up began
 */
export function hasLeft(
  { phase, takenOut, notRunning, finishedAtMs }: Pick<TargetProgress, 'phase' | 'takenOut' | 'notRunning' | 'finishedAtMs'>,
  state: string,
  claimedAtMs: number,
  nowMs: number,
): boolean {
  // One that is rolled back has its first end still on record.
  if (phase !== 'failed' || takenOut !== false || notRunning || finishedAtMs === undefined) return false;
  const isOut = state === 'draining' || state === 'unused';
  return isOut && finishedAtMs < claimedAtMs && nowMs - finishedAtMs >= SETTLES_AFTER_MS;
}
