/**
 * Which instances a group starts and ends now. Values and `now` in, actions out.
 *
 * Suspended processes have the effects that AWS documents: `Launch` and `Terminate` stop their half of everything,
 * `Terminate` protects only instances that are InService, `ReplaceUnhealthy` leaves unhealthy instances where they are,
 * and without `Launch` unhealthy instances still end and are replaced once it is resumed.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/understand-how-suspending-processes-affects-other-processes.html
 */
import type { LifecycleState, Member, ProcessName } from './group-state.ts';

export interface CapacityView {
  readonly desired: number;
  readonly suspended: ReadonlySet<ProcessName>;
  /** Zones that instances may be started in, in the group's order. */
  readonly availabilityZones: readonly string[];
  readonly launchingZones: readonly string[];
  readonly members: readonly CapacityMember[];
  /** Instances that a refresh will end: their zones are free for others. */
  readonly refreshed?: ReadonlySet<string> | undefined;
  /** After a failed launch the next one waits. */
  readonly launchNotBeforeMs: number;
}

export type CapacityMember = Readonly<
  Pick<Member, 'instanceId' | 'availabilityZone' | 'state' | 'health' | 'protectedFromScaleIn' | 'launchedAtMs'>
>;

export type CapacityAction =
  | { readonly kind: 'launch'; readonly availabilityZone: string; readonly reason: 'capacity' | 'rebalance' }
  | { readonly kind: 'terminate'; readonly instanceId: string; readonly reason: 'unhealthy' | 'excess' };

/** States that count towards the desired capacity: an instance that is leaving does not. */
export const COUNTED: ReadonlySet<LifecycleState> = new Set(['Pending', 'Pending:Wait', 'Pending:Proceed', 'InService']);

export function planCapacity(view: CapacityView, nowMs: number): CapacityAction[] {
  const unhealthy = view.members.filter((member) => member.state === 'InService' && member.health === 'Unhealthy');
  const replaced =
    view.suspended.has('ReplaceUnhealthy') || view.suspended.has('Terminate') ? [] : unhealthy.map((member) => member.instanceId);
  const staying = view.members.filter((member) => COUNTED.has(member.state) && !replaced.includes(member.instanceId));
  const actions: CapacityAction[] = replaced.map((instanceId) => ({ kind: 'terminate', instanceId, reason: 'unhealthy' }));
  const capacity = staying.length + view.launchingZones.length;

  if (capacity < view.desired) return [...actions, ...launches(view, staying, view.desired - capacity, nowMs)];
  if (capacity > view.desired) return [...actions, ...terminations(view, staying, capacity - view.desired)];
  if (actions.length === 0) actions.push(...rebalance(view, staying, nowMs));
  return actions;
}

function mayLaunch(view: CapacityView, nowMs: number): boolean {
  return !view.suspended.has('Launch') && nowMs >= view.launchNotBeforeMs && view.availabilityZones.length > 0;
}

function countByZone(view: CapacityView, staying: readonly CapacityMember[]): Map<string, number> {
  const counts = new Map(view.availabilityZones.map((zone) => [zone, 0]));
  const lasting = staying.filter(({ instanceId }) => !view.refreshed?.has(instanceId));
  for (const zone of [...lasting.map((member) => member.availabilityZone), ...view.launchingZones]) {
    counts.set(zone, (counts.get(zone) ?? 0) + 1);
  }
  return counts;
}

/** Each launch goes to the zone with the fewest instances. */
function launches(view: CapacityView, staying: readonly CapacityMember[], count: number, nowMs: number): CapacityAction[] {
  if (!mayLaunch(view, nowMs)) return [];
  const counts = countByZone(view, staying);
  return Array.from({ length: count }, () => {
    const zone = emptiestZone(view, counts);
    counts.set(zone, (counts.get(zone) ?? 0) + 1);
    return { kind: 'launch', availabilityZone: zone, reason: 'capacity' };
  });
}

function emptiestZone(view: CapacityView, counts: ReadonlyMap<string, number>): string {
  return view.availabilityZones.reduce((best, zone) => ((counts.get(zone) ?? 0) < (counts.get(best) ?? 0) ? zone : best));
}

/** The default policy, as far as it applies here: the fullest zone first, in it the oldest instance. Protected ones stay. */
function terminations(view: CapacityView, staying: readonly CapacityMember[], count: number): CapacityAction[] {
  const counts = countByZone(view, staying);
  const candidates = staying.filter((member) =>
    member.state === 'InService' ? !view.suspended.has('Terminate') && !member.protectedFromScaleIn : true,
  );
  const chosen: CapacityAction[] = [];
  while (chosen.length < count && candidates.length > 0) {
    candidates.sort(
      (a, b) =>
        Number(b.state === 'InService') - Number(a.state === 'InService') ||
        (counts.get(b.availabilityZone) ?? 0) - (counts.get(a.availabilityZone) ?? 0) ||
        a.launchedAtMs - b.launchedAtMs,
    );
    const victim = candidates.shift();
    if (victim === undefined) break;
    counts.set(victim.availabilityZone, (counts.get(victim.availabilityZone) ?? 1) - 1);
    chosen.push({ kind: 'terminate', instanceId: victim.instanceId, reason: 'excess' });
  }
  return chosen;
}

/** Starts one in the emptiest zone; the capacity above the desired one then ends one in the fullest. */
function rebalance(view: CapacityView, staying: readonly CapacityMember[], nowMs: number): CapacityAction[] {
  const settled =
    view.launchingZones.length === 0 &&
    staying.every(({ instanceId, state, health }) => state === 'InService' && health === 'Healthy' && !view.refreshed?.has(instanceId));
  if (view.suspended.has('AZRebalance') || !settled || !mayLaunch(view, nowMs)) return [];
  const counts = countByZone(view, staying);
  const emptiest = emptiestZone(view, counts);
  const spread = Math.max(...counts.values()) - (counts.get(emptiest) ?? 0);
  return spread > 1 ? [{ kind: 'launch', availabilityZone: emptiest, reason: 'rebalance' }] : [];
}
