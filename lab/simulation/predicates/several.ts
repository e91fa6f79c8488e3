import type { DeployRecord, TargetProgress } from '../../../functions/records/types.ts';
import { NO_RELEASE } from '../../../functions/shared/version.ts';
import type { Call, Invocation } from '../seam/call.ts';
import type { View } from './view.ts';

const OVER: readonly TargetProgress['phase'][] = ['done', 'failed', 'skipped', 'rolledBack'];
/** A read of the load balancer can be this old: see seam/stale-answers.ts. */
const STALE_MS = 5_000;

type Broken = (predicate: 'S10' | 'S11' | 'S12' | 'S13', text: string) => void;

/** What a choice of the next target found. */
interface Before {
  readonly failed: string | undefined;
  readonly executions: ReadonlySet<string>;
}

/** S10 to S13: judged as a target is chosen, by the record as it is at that moment; S13 also as a release is promoted. */
export class Several {
  private readonly view: View;
  private readonly broken: Broken;
  private readonly before = new WeakMap<Invocation, Before>();
  private readonly healthyAtMs = new Map<string, number>();

  constructor(view: View, broken: Broken) {
    this.view = view;
    this.broken = broken;
  }

  called({ invocation, service }: Call): void {
    if (service === 'elasticloadbalancing') this.look();
    if (invocation.step !== 'nextTarget' || this.before.has(invocation)) return;
    const record = runningDeploy(this.view);
    const executions = new Set(Object.values(record?.targets ?? {}).flatMap(({ executionName }) => executionName ?? []));
    this.before.set(invocation, { failed: record && whatFailed(record), executions });
  }

  took({ invocation, service, operation }: Call): void {
    if (service === 'dynamodb' && invocation.step === 'promote') this.checkPromotion();
    if (service !== 'dynamodb' || operation !== 'UpdateItem' || invocation.step !== 'nextTarget') return;
    const before = this.before.get(invocation);
    const record = runningDeploy(this.view);
    if (!before || !record) return;
    for (const [instanceId, target] of Object.entries(record.targets)) {
      const { executionName, phase } = target;
      if (phase !== 'waiting' || executionName === undefined || before.executions.has(executionName)) continue;
      this.check(record, instanceId, before);
    }
  }

  private check(record: DeployRecord, instanceId: string, before: Before): void {
    const target = record.targets[instanceId] as TargetProgress;
    const goesBack = target.rollingBackTo !== undefined;
    const inFlight = Object.entries(record.targets).filter((one) => isInFlight(one[1]) && setOf(...one) === setOf(instanceId, target));
    const limit = limitOf(record);
    if (inFlight.length > limit)
      this.broken('S10', `${inFlight.map(([id]) => id).join(', ')} are in flight, and ${limit} may be: ${instanceId} was chosen`);
    if (goesBack) return;
    if (before.failed !== undefined) this.broken('S11', `${instanceId} was chosen although ${before.failed} had failed`);
    // One that was left out, because EC2 has ended it, does not have the release: another takes its place before the stop.
    const begun = Object.entries(record.targets).filter(
      ([id, other]) => other.executionName !== undefined && other.phase !== 'skipped' && setOf(id, other) === setOf(instanceId, target),
    );
    if (record.pauseAfter !== undefined && this.view.waitsForSessions())
      this.broken('S13', `${instanceId} was begun, and a deploy that waits for sessions does not stop after its first targets`);
    if (waitsFor(record) && begun.length > (record.pauseAfter ?? 0) && this.view.fleetRecord()?.deployId !== record.deployId)
      this.broken('S13', `${instanceId} was begun as number ${begun.length}, before anybody has continued the deploy`);
    this.checkZone(
      inFlight.map(([id]) => id),
      instanceId,
    );
  }

  /** Also of one that has not begun to wait: it owes its stop as soon as one of its own targets is done. */
  private checkPromotion(): void {
    const record = runningDeploy(this.view);
    if (record === undefined || !waitsFor(record) || this.view.fleetRecord()?.deployId !== record.deployId) return;
    const brought = Object.values(record.targets).some(({ phase, executionName }) => phase === 'done' && executionName !== undefined);
    if (record.pause !== undefined || brought)
      this.broken('S13', `release ${record.to} is promoted, and nobody has continued deploy ${record.deployId}`);
  }

  private checkZone(inFlight: readonly string[], chosen: string): void {
    const { view } = this;
    const members = view.members().filter(({ lifecycleState }) => lifecycleState === 'InService');
    const zone = members.find(({ instanceId }) => instanceId === chosen)?.zone;
    if (zone === undefined || !this.serves(chosen)) return;
    const others = members.filter((member) => member.zone === zone && member.instanceId !== chosen).map(({ instanceId }) => instanceId);
    if (!others.some((id) => inFlight.includes(id)) || others.some((id) => !inFlight.includes(id) && this.serves(id))) return;
    this.broken('S12', `${chosen} was chosen, the last in ${zone} that serves, while ${others.join(', ')} are in flight there`);
  }

  private look(): void {
    for (const instanceId of this.view.registered())
      if (this.view.healthOf(instanceId) === 'healthy') this.healthyAtMs.set(instanceId, this.view.now());
  }

  private serves(instanceId: string): boolean {
    const isHealthy = this.view.now() - (this.healthyAtMs.get(instanceId) ?? 0) < STALE_MS;
    return isHealthy && this.view.installed(instanceId) !== NO_RELEASE;
  }
}

/**
 * Targets of the running deploy from being chosen until done with their bake, or back: they look healthy, and do not count. Each with
 * the set that it belongs to, for what a clean-up has stopped is in flight no more.
 */
export function inFlightOf(view: View): ReadonlyMap<string, string> {
  const deploy = runningDeploy(view);
  if (deploy === undefined) return NONE_IN_FLIGHT;
  const known = inFlight.get(deploy);
  if (known !== undefined) return known;
  const found = Object.entries(deploy.targets).filter(([, target]) => isInFlight(target));
  const sets = new Map(found.map(([instanceId, target]) => [instanceId, setOf(instanceId, target)] as const));
  inFlight.set(deploy, sets);
  return sets;
}

const NONE_IN_FLIGHT: ReadonlyMap<string, string> = new Map();
/** A record that was read never changes. */
const inFlight = new WeakMap<DeployRecord, ReadonlyMap<string, string>>();

/** Names the set of rolls that a target belongs to, which a deploy or one of its clean-ups begins: the end of the execution's name. */
const setOf = (instanceId: string, { executionName = '' }: TargetProgress): string => executionName.slice(instanceId.length);

const isInFlight = ({ executionName, died, phase }: TargetProgress): boolean =>
  executionName !== undefined && executionName !== died && !OVER.includes(phase);

const waitsFor = ({ pauseAfter, pause }: DeployRecord): boolean => pauseAfter !== undefined && pause?.continued === undefined;

const runningDeploy = (view: View): DeployRecord | undefined => view.deploys().findLast(({ status }) => status === 'RUNNING');

/** A newcomer that fails is left out. */
const whatFailed = ({ targets }: DeployRecord): string | undefined =>
  Object.entries(targets).find(
    ([, { phase, died, mayFail, newcomer, rollingBackTo }]) =>
      (phase === 'failed' || died !== undefined) && !mayFail && !newcomer && rollingBackTo === undefined,
  )?.[0];

function limitOf({ settings, targets }: DeployRecord): number {
  const limit = settings?.['maxParallel'] ?? 1;
  const planned = Object.values(targets).filter(({ newcomer }) => !newcomer).length;
  return typeof limit === 'number' ? limit : Math.max(1, Math.floor((planned * Number.parseInt(String(limit), 10)) / 100));
}
