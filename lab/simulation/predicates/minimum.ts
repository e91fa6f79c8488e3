import type { DeployContext } from '../../../functions/deploy/contract/common.ts';
import { NO_RELEASE } from '../../../functions/shared/version.ts';
import type { Call } from '../seam/call.ts';
import { groupOf, targetsOf } from './calls.ts';
import { inFlightOf } from './several.ts';
import type { View } from './view.ts';

/** A read of the load balancer can be this old: see seam/stale-answers.ts. */
const STALE_MS = 5_000;

/**
 * S2. The engine decides by the health that it reads when it chooses a target and once more right before it takes it out, so that
 * counts as healthy what was so then: one that fails in the seconds after that cannot be foreseen.
 */
export class Minimum {
  private readonly view: View;
  private readonly broken: (text: string) => void;
  private readonly healthyAtMs = new Map<string, number>();
  private readonly otherwiseAtMs = new Map<string, number>();
  /** Since when the running deploy has worked on each target, which then does not count. */
  private readonly inFlightSinceMs = new Map<string, number>();
  /** When each invocation has read last. */
  private readonly decidedAtMs = new WeakMap<Call['invocation'], number>();

  constructor(view: View, broken: (text: string) => void) {
    this.view = view;
    this.broken = broken;
  }

  before(call: Call): void {
    if (call.service === 'dynamodb') return;
    this.look();
    if (call.operation === 'DescribeTargetHealth') this.decidedAtMs.set(call.invocation, this.view.now());
    if (call.operation === 'DeregisterTargets' && !this.view.isDrainGroup(groupOf(call.input))) this.check(call);
  }

  private look(): void {
    for (const instanceId of this.view.registered()) {
      const at = this.view.healthOf(instanceId) === 'healthy' ? this.healthyAtMs : this.otherwiseAtMs;
      at.set(instanceId, this.view.now());
    }
    const inFlight = inFlightOf(this.view);
    for (const instanceId of inFlight.keys())
      if (!this.inFlightSinceMs.has(instanceId)) this.inFlightSinceMs.set(instanceId, this.view.now());
    for (const instanceId of this.inFlightSinceMs.keys()) if (!inFlight.has(instanceId)) this.inFlightSinceMs.delete(instanceId);
  }

  private check({ input, invocation }: Call): void {
    const { deploy } = invocation.payload as { readonly deploy?: DeployContext };
    // What failed its checks is taken away from users whatever is left.
    if (!deploy || deploy.recover || invocation.step === 'putBack') return;
    const { view } = this;
    // A fleet without a release goes back to placeholders, which serve nobody.
    if (view.fleetRecord() === undefined) return;
    const sinceMs = (this.decidedAtMs.get(invocation) ?? view.now()) - STALE_MS;
    const [taken = ''] = targetsOf(input);
    const serves = this.isRelease(taken) && view.healthOf(taken) === 'healthy' && (this.otherwiseAtMs.get(taken) ?? 0) < sinceMs;
    if (!serves) return;
    // One that was chosen after the read has been chosen with this one in mind.
    const inFlight = inFlightOf(view);
    const isInFlight = (instanceId: string) =>
      inFlight.get(instanceId) === inFlight.get(taken) && (this.inFlightSinceMs.get(instanceId) ?? Number.POSITIVE_INFINITY) < sinceMs;
    // One that has left the load balancer since is among them: the read can be from before that.
    const left = [...this.healthyAtMs]
      .filter(([instanceId, atMs]) => instanceId !== taken && this.isRelease(instanceId) && atMs >= sinceMs && !isInFlight(instanceId))
      .map(([instanceId]) => instanceId);
    const { minimumHealthyTargets } = deploy.settings;
    if (left.length >= minimumHealthyTargets) return;
    const who = `${invocation.functionName}/${invocation.step}`;
    this.broken(`${who} takes ${taken} out, which leaves ${left.length} healthy of at least ${minimumHealthyTargets}`);
  }

  private isRelease(instanceId: string): boolean {
    return this.view.installed(instanceId) !== NO_RELEASE;
  }
}
