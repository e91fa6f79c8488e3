/** Plays a scenario in one of the two worlds. */
import type { DeployRecord, LockRecord, Phase } from '../../../functions/records/types.ts';
import { type Ending, type Quality, type Scenario, SERVERS, type TargetEnding, type When } from './scenario.ts';

/** What a world offers to its scenarios. The fleet is as the scenario before it left it. */
export interface ScenarioWorld {
  /** Waits until this many servers are healthy, and no other target is registered. @throws Error after a while */
  untilHealthy(servers: number): Promise<void>;
  /** The fleet's current release. */
  currentVersion(): Promise<string>;
  /** Publishes a release, and gives its version. */
  publish(quality: Quality): Promise<string>;
  /** Starts a deploy, and gives the id of its execution. */
  deploy(version: string, onFailure: 'halt' | undefined): Promise<string>;
  /** How its execution ends: its status, and the name of the deploy's error. */
  ended(deployId: string): Promise<{ readonly status: string; readonly error?: string }>;
  record(deployId: string): Promise<DeployRecord | undefined>;
  lock(): Promise<LockRecord | undefined>;
  /** Members of the group that do not leave, with the release that the records have of each. */
  versions(): Promise<ReadonlyMap<string, string>>;
  /** State at the load balancer of each registered target. */
  targetHealth(): Promise<ReadonlyMap<string, string>>;
  suspended(): Promise<readonly string[]>;
  abort(deployId: string): Promise<void>;
  kill(instanceId: string): Promise<void>;
  terminate(instanceId: string): Promise<void>;
  /** Returns once a new primary is there. */
  failOver(): Promise<void>;
  /** Makes an alarm of the fleet red from now on, and returns what makes it green. */
  redAlarm(): Promise<() => Promise<void>>;
  /** Polls until the condition gives a value. @throws Error, with `what`, after a while */
  until<T>(condition: () => Promise<T | undefined>, what: string): Promise<T>;
}

export async function playScenario(world: ScenarioWorld, scenario: Scenario): Promise<Ending> {
  await world.untilHealthy(SERVERS);
  const before = await world.currentVersion();
  const version = await world.publish(scenario.release);
  const deployId = await world.deploy(version, scenario.onFailure);
  const calm = scenario.release === 'settle' ? await redWhileSettling(world, deployId) : undefined;
  const other = await happening(world, scenario, deployId, before);
  await world.ended(deployId);
  // After an abort the clean-up comes by an event.
  const record = await world.until(async () => {
    const [found, lock] = [await world.record(deployId), await world.lock()];
    return found?.status !== 'RUNNING' && lock?.deployId === undefined && !lock?.openDeploys?.size ? found : undefined;
  }, 'the deploy is over, and cleaned up');
  await calm?.();
  const again = scenario.again && (await outcomeOf(world, await world.deploy(version, undefined)));
  if (scenario.onFailure === undefined) await world.untilHealthy(SERVERS);
  return ending(world, scenario, { before, version, record, other: other ?? again });
}

/** One that is red earlier stops the deploy before its next target. */
async function redWhileSettling(world: ScenarioWorld, deployId: string): Promise<() => Promise<void>> {
  await world.until(async () => (await world.record(deployId))?.stage === 'settling' || undefined, 'the deploy settles');
  return world.redAlarm();
}

/** @returns the outcome of the other deploy */
async function happening(world: ScenarioWorld, scenario: Scenario, deployId: string, before: string): Promise<string | undefined> {
  if (!scenario.happens) return undefined;
  const { when, what } = scenario.happens;
  const record = await world.until(async () => {
    const found = await world.record(deployId);
    return found && isThere(found, when) ? found : undefined;
  }, JSON.stringify(when));
  const at = (position: number) => byOrder(record)[position]?.[0] ?? '';
  switch (what.kind) {
    case 'abort':
      await world.abort(deployId);
      return undefined;
    case 'secondDeploy':
      return outcomeOf(world, await world.deploy(before, undefined));
    case 'killed':
      await world.kill(at(what.position));
      return undefined;
    case 'terminated':
      await world.terminate(at(what.position));
      return undefined;
    case 'failover':
      await world.failOver();
      return undefined;
  }
}

async function outcomeOf(world: ScenarioWorld, deployId: string): Promise<string> {
  const { status, error } = await world.ended(deployId);
  return error ?? status;
}

const isThere = (record: DeployRecord, when: When): boolean =>
  'stage' in when ? record.stage === when.stage : Object.values(record.targets).some(({ phase }) => phase === when.phase);

const byOrder = (record: DeployRecord) => Object.entries(record.targets).sort(([, a], [, b]) => a.order - b.order);

interface Played {
  readonly before: string;
  readonly version: string;
  readonly record: DeployRecord;
  readonly other: string | undefined;
}

async function ending(world: ScenarioWorld, { happens }: Scenario, { before, version, record, other }: Played): Promise<Ending> {
  const names = new Map([
    [before, 'before'],
    [version, 'new'],
  ] as const);
  const versions = await world.versions();
  const health = [...(await world.targetHealth()).values()];
  const lock = await world.lock();
  const abortedIn = happens?.what.kind === 'abort' && 'phase' in happens.when ? happens.when.phase : undefined;
  const targets = byOrder(record).map(([instanceId, { phases = [] }]): TargetEnding => {
    const found = versions.get(instanceId);
    const entered = inOrder(
      phases.map(({ phase }) => phase),
      abortedIn,
    );
    return { has: found === undefined ? 'gone' : (names.get(found) ?? 'other'), phases: entered };
  });
  return {
    status: record.status as Ending['status'],
    ...(record.error && { error: record.error.Error }),
    ...(record.rolledBack !== undefined && { rolledBack: record.rolledBack }),
    current: names.get(await world.currentVersion()) ?? 'other',
    healthy: health.filter((state) => state === 'healthy').length,
    registered: health.length,
    suspended: await world.suspended(),
    lock: lock?.deployId === undefined ? 'free' : 'held',
    openDeploys: lock?.openDeploys?.size ?? 0,
    // A deploy can end while it plans. Whether its plan is on record by then is a matter of moments, so it does not count.
    targets: targets.some(({ phases }) => phases.length > 0) ? targets : [],
    ...(other !== undefined && { other }),
  };
}

const ENDED: ReadonlySet<Phase> = new Set(['waiting', 'failed', 'rolledBack']);

/**
 * A step that is delivered twice enters its phase twice. An abort needs a moment, in which the target can go on: what it entered
 * meanwhile is left out.
 */
function inOrder(entered: readonly Phase[], abortedIn: Phase | undefined): Phase[] {
  const phases = entered.filter((phase, index) => phase !== entered[index - 1]);
  const aborted = abortedIn === undefined ? -1 : phases.indexOf(abortedIn);
  if (aborted < 0) return phases;
  const resumed = phases.findIndex((phase, index) => index > aborted && ENDED.has(phase));
  return [...phases.slice(0, aborted + 1), ...(resumed < 0 ? [] : phases.slice(resumed))];
}
