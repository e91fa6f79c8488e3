import { setTimeout as sleep } from 'node:timers/promises';
import type { DeployCloud } from '../../../cli/deploy/deploy.ts';
import { deploySettings } from '../../../functions/deploy/settings/settings.ts';
import type { TargetProgress } from '../../../functions/records/types.ts';
import { deployUnderTraffic } from '../../demo/deploy-under-traffic.ts';
import { startTraffic } from '../../demo/traffic/client.ts';
import type { TrafficOptions } from '../../demo/traffic/contract.ts';
import type { DeployCase } from './judge-cases.ts';
import type { LocalFleet } from './local-fleet.ts';
import { overheadOf, overheadSecondsPerTarget, type Span, type TargetTimes } from './measure-overhead.ts';
import { readDrains } from './read-drains.ts';
import { runShellScript } from './shell-script.ts';

/** What both cases run on. */
export interface BenchEnvironment {
  readonly cloud: DeployCloud;
  readonly fleet: LocalFleet;
  readonly servers: readonly string[];
  readonly loadBalancerUrl: string;
  readonly caFile: string;
  readonly users: number;
  /** More of the traffic's options. @default none */
  readonly traffic?: Partial<TrafficOptions>;
  /** Name of Holdfast's cases. @default `holdfast` */
  readonly name?: DeployCase['name'];
  readonly log: (line: string) => void;
}

export interface Round {
  readonly lagSeconds: number;
  readonly from: string;
  /** Already published. */
  readonly to: string;
}

/** Steady traffic before a deploy. */
const STEADY_MS = 10_000;
const AFTER_MS = 2_000;
/** The fleet has every default. The bake's is the script's own pause; the script has no settle window. */
const { bakeSeconds, settleSeconds } = deploySettings.parse({});
const BAKE_MS = bakeSeconds * 1000;
const SETTLE_MS = settleSeconds * 1000;

export async function runScriptCase(environment: BenchEnvironment, { lagSeconds, to }: Round): Promise<DeployCase> {
  const { fleet, servers, loadBalancerUrl: url, caFile, users } = environment;
  const traffic = startTraffic({ url, caFile, users });
  try {
    await traffic.ready;
    await sleep(STEADY_MS);
    traffic.mark('during');
    const startMs = Date.now();
    await fleet.withoutAutoScaling(() => runShellScript(servers, fleet.actions(to)));
    const seconds = (Date.now() - startMs) / 1000;
    await fleet.untilHealthy(servers.length);
    // Requests that the script's last change fails can end this late.
    await sleep(lagSeconds * 1000 + AFTER_MS);
    const { requests, failed, sessionsLost } = await traffic.stop();
    return {
      name: 'shell-script',
      lagSeconds,
      untilEveryServerSeconds: seconds,
      endedAtDefaultsSeconds: seconds,
      requests,
      failed,
      sessionsLost,
    };
  } finally {
    await traffic.stop().catch(() => {});
  }
}

/** @throws Error when the deploy does not succeed */
export async function runHoldfastCase(environment: BenchEnvironment, { lagSeconds, from, to }: Round): Promise<DeployCase> {
  const { cloud, fleet, servers, loadBalancerUrl, caFile, users, traffic: more, name = 'holdfast', log } = environment;
  const { result, untilHealthy } = await fleet.watchHealth(() =>
    deployUnderTraffic({ cloud, loadBalancerUrl, caFile, users, traffic: more ?? {}, from, to, log: (line) => log(`  ${line}`) }),
  );
  const { deploy, traffic } = result;
  if (deploy.status !== 'SUCCEEDED') throw new Error(`the deploy of ${to} ended ${deploy.status}: ${deploy.message ?? deploy.error}`);
  const { times, targets, untilEveryServerMs, onceMs } = await timesOfDeploy(environment, deploy.executionArn, untilHealthy);
  // Between two targets that are rolled one after the other, all that is not waiting is Holdfast's own time.
  const isOneByOne = targets.every(
    ([, { finishedAtMs = 0 }], index) => (targets[index + 1]?.[1].startedAtMs ?? finishedAtMs) >= finishedAtMs,
  );
  if (isOneByOne) for (const [id, target] of times) log(`  ${id}  Holdfast's own time: ${describeOverhead(target)}`);
  await fleet.untilHealthy(servers.length);
  return {
    name,
    lagSeconds,
    untilEveryServerSeconds: untilEveryServerMs / 1000,
    endedAtDefaultsSeconds: deploy.seconds,
    requests: traffic.requests,
    failed: traffic.failed,
    sessionsLost: traffic.sessionsLost,
    ...(isOneByOne && { overheadSecondsPerTarget: overheadSecondsPerTarget([...times.values()]) }),
    overheadSecondsOnce: onceMs / 1000,
    transitionsPerTarget: (await fleet.transitions(deploy.executionArn)) / times.size,
    ...(!['holdfast', 'one-at-a-time', 'several-at-once'].includes(name) && { drains: await readDrains(fleet, targets) }),
  };
}

interface DeployTimes {
  /** By id, in the order of the deploy. */
  readonly targets: readonly (readonly [id: string, progress: TargetProgress])[];
  readonly times: ReadonlyMap<string, TargetTimes>;
  /** From the deploy's start to its last target's end. */
  readonly untilEveryServerMs: number;
  /** Before the first target is chosen and after the last is done, without the settle window, whatever the number of targets. */
  readonly onceMs: number;
}

async function timesOfDeploy(
  { cloud, fleet }: BenchEnvironment,
  executionArn: string,
  untilHealthy: Awaited<ReturnType<LocalFleet['watchHealth']>>['untilHealthy'],
): Promise<DeployTimes> {
  const record = await cloud.records.getDeploy(cloud.fleet, executionArn.split(':').at(-1) as string);
  const targets = Object.entries(record?.targets ?? {}).sort(([, a], [, b]) => (a.startedAtMs ?? 0) - (b.startedAtMs ?? 0));
  const starts = targets.map(([, { startedAtMs }]) => startedAtMs ?? 0);
  const times = new Map<string, TargetTimes>();
  for (const [index, [id, progress]] of targets.entries()) {
    const startMs = starts[index] as number;
    const roll = { startMs, endMs: starts[index + 1] ?? progress.finishedAtMs ?? startMs };
    const none = { startMs, endMs: startMs };
    const commands = await fleet.commandsSince(id, startMs);
    times.set(id, { roll, commands, waits: waitsOf(progress, commands), untilHealthy: untilHealthy.get(id) ?? none });
  }
  const startedAtMs = record?.startedAtMs ?? 0;
  const doneAtMs = Math.max(...targets.map(([, { finishedAtMs }]) => finishedAtMs ?? 0));
  const onceMs = (starts[0] ?? 0) - startedAtMs + (record?.finishedAtMs ?? 0) - doneAtMs - SETTLE_MS;
  return { times, targets, untilEveryServerMs: doneAtMs - startedAtMs, onceMs };
}

/** Waits of one target's last roll. */
function waitsOf({ phases = [] }: TargetProgress, commands: readonly Span[]): readonly Span[] {
  const begin = (name: string) => phases.findLast(({ phase }) => phase === name)?.startedAtMs;
  const [drainedFromMs, installedFromMs, bakedFromMs] = [begin('draining'), begin('installing'), begin('baking')];
  const waits: Span[] = [];
  if (drainedFromMs !== undefined && installedFromMs !== undefined) {
    const idleAtMs = Math.max(drainedFromMs, ...commands.map(({ endMs }) => endMs).filter((endMs) => endMs <= installedFromMs));
    waits.push({ startMs: drainedFromMs, endMs: idleAtMs });
  }
  if (bakedFromMs !== undefined) waits.push({ startMs: bakedFromMs, endMs: bakedFromMs + BAKE_MS });
  return waits;
}

function describeOverhead(target: TargetTimes): string {
  const seconds = (ms: number) => (ms / 1000).toFixed(1);
  return overheadOf(target)
    .filter(({ startMs, endMs }) => endMs - startMs >= 50)
    .map(({ startMs, endMs }) => `${seconds(endMs - startMs)} s at ${seconds(startMs - target.roll.startMs)} s`)
    .join(', ');
}
