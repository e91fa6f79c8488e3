import type { DeployContext } from '../../../functions/deploy/contract/common.ts';
import type { Lease } from '../../../functions/records/types.ts';
import type { RequestFailure, Watcher } from '../cloud/contracts.ts';
import { EPOCH_MS } from '../kernel/kernel.ts';
import type { Call } from '../seam/call.ts';
import type { PredicateId, Violation } from './predicate.ts';
import type { View } from './view.ts';

/** What a step's payload has, as far as predicates read it. */
interface StepPayload {
  readonly deploy?: DeployContext;
  readonly lease?: Lease;
  readonly roll?: { readonly instanceId: string };
}

/** A fault of a server is in its requests for a while after it has ended: health checks find it, and an application starts. */
const AFTERMATH_MS = 120_000;
/** The load balancer's `idle_timeout.timeout_seconds`. */
const IDLE_TIMEOUT_MS = 60_000;
/** Calls that change what users meet; records have conditions of their own. */
const CHANGES: ReadonlySet<string> = new Set([
  'RegisterTargets',
  'DeregisterTargets',
  'SendCommand',
  'SuspendProcesses',
  'ResumeProcesses',
  'SetInstanceHealth',
]);
/** Violations of one run that are kept: the first ones explain the others. */
const MOST = 20;

/** What holds at every moment: S1 to S7. */
export class Safety {
  readonly violations: Violation[] = [];
  readonly watcher: Watcher;
  private readonly view: View;
  /** Highest token whose holder has changed something. */
  private newestChange = 0;
  private lockToken = 0;
  private lockTokenSinceMs = 0;
  private promotedToken = 0;

  constructor(view: View) {
    this.view = view;
    this.watcher = {
      before: (call) => {
        if (call.operation === 'DeregisterTargets') this.checkMinimum(call);
        if (call.operation === 'RegisterTargets') this.checkFit(call);
      },
      effect: (call) => {
        if (call.service === 'dynamodb') this.followRecords(call);
        else if (CHANGES.has(call.operation)) this.checkToken(call);
      },
      requestFailed: (failure) => this.checkFailure(failure),
      sessionLost: ({ expected, found }) => {
        // The session's id is nobody's business, here as everywhere.
        this.broken('S7', `a session had ${found} where ${expected} had been acknowledged`);
      },
      terminating: (instanceId, reason) => this.checkTermination(instanceId, reason),
    };
  }

  broken(predicate: PredicateId, text: string): void {
    if (this.violations.length < MOST) this.violations.push({ predicate, atMs: this.view.now() - EPOCH_MS, text });
  }

  private checkFailure({ instanceId, why, cause, durationMs }: RequestFailure): void {
    const { view } = this;
    if (view.faultOnStore(AFTERMATH_MS)) return;
    // The load balancer waits no longer for any answer, and cuts off what the deregistration delay is too short for.
    if (cause === 'targetTimedOut' && durationMs >= IDLE_TIMEOUT_MS) return;
    if (cause === 'deregistered' && durationMs >= view.deregistrationDelayMs()) return;
    if (instanceId === undefined) {
      if (!view.faultOnServer(Number.POSITIVE_INFINITY) && !this.someReleaseIsBad()) this.broken('S1', why);
      return;
    }
    if (view.faultOnServer(AFTERMATH_MS, instanceId)) return;
    // Sent to a target that is no longer registered, by a load balancer that is slower than the fleet's settings allow for.
    if (view.isLoadBalancerSlow() && !view.registered().includes(instanceId)) return;
    const installed = view.installed(instanceId);
    if (installed === 'none' || (installed !== undefined && view.badAt(installed) !== undefined)) return;
    this.broken('S1', `${why} (${instanceId}, release ${installed ?? 'being installed'})`);
  }

  private someReleaseIsBad(): boolean {
    return this.view.deploys().some(({ to }) => this.view.badAt(to) !== undefined);
  }

  /** A bad release's target is taken away from users whatever is left; one that fails elsewhere meanwhile cannot be foreseen. */
  private checkMinimum({ input, invocation }: Call): void {
    const { deploy } = invocation.payload as StepPayload;
    if (!deploy || deploy.recover || invocation.step === 'putBack') return;
    const { view } = this;
    const taken = targetsOf(input);
    const healthy = view.registered().filter((instanceId) => view.healthOf(instanceId) === 'healthy');
    if (!taken.some((instanceId) => healthy.includes(instanceId))) return;
    const left = healthy.filter((instanceId) => !taken.includes(instanceId));
    const { minimumHealthyTargets } = deploy.settings;
    if (left.length >= minimumHealthyTargets || view.faultOnServer(AFTERMATH_MS)) return;
    this.broken(
      'S2',
      `${invocation.functionName}/${invocation.step} takes ${taken.join(', ')} out, which leaves ${left.length} healthy of at least ${minimumHealthyTargets}`,
    );
  }

  private checkFit({ input, invocation }: Call): void {
    const { view } = this;
    const { deploy } = invocation.payload as StepPayload;
    for (const instanceId of targetsOf(input)) {
      if (view.faultOnServer(AFTERMATH_MS, instanceId)) continue;
      const installed = view.installed(instanceId);
      const target = deploy && view.deploys().find(({ deployId }) => deployId === deploy.deployId)?.targets[instanceId];
      const bad = installed === undefined ? undefined : view.badAt(installed);
      const what = `${invocation.step} registers ${instanceId}`;
      if (installed === undefined) this.broken('S4', `${what} while a release is being installed`);
      else if (
        bad !== undefined &&
        installed === deploy?.version &&
        ((bad !== 'bake' && bad !== 'settle' && bad !== 'loadBalancer') || invocation.step === 'putBack')
      ) {
        this.broken('S4', `${what} with release ${installed}, which is bad (${bad})`);
      } else if (invocation.step === 'register' && bad !== 'loadBalancer' && !view.isUp(instanceId)) {
        this.broken('S4', `${what} with release ${installed}, which does not answer`);
      } else if (invocation.step === 'register' && installed !== (target?.rollingBackTo ?? deploy?.version)) {
        this.broken('S4', `${what} with release ${installed} instead of ${target?.rollingBackTo ?? deploy?.version}`);
      }
    }
  }

  private checkToken({ operation, invocation }: Call): void {
    const { deploy, lease } = invocation.payload as StepPayload;
    const token = lease?.fencingToken;
    if (!deploy || token === undefined) return;
    const what = `${invocation.functionName}/${invocation.step}: ${operation} with token ${token}`;
    // Auto Scaling is restored by a deploy that lost its lock, where nobody holds it.
    if (token < this.lockToken && !(operation === 'ResumeProcesses' && this.view.lock()?.deployId === undefined)) {
      const lateSeconds = (this.view.now() - this.lockTokenSinceMs) / 1000;
      if (token < this.newestChange) this.broken('S3', `${what} after a change with token ${this.newestChange}`);
      else if (lateSeconds > deploy.settings.strayCallSeconds) this.broken('S3', `${what}, ${lateSeconds} s after token ${this.lockToken}`);
    }
    this.newestChange = Math.max(this.newestChange, token);
  }

  private followRecords({ operation, input, invocation }: Call): void {
    if (operation !== 'UpdateItem') return;
    const { Key } = input as { readonly Key?: { readonly sk?: { readonly S?: string } } };
    if (Key?.sk?.S === 'LOCK') {
      const token = this.view.lock()?.fencingToken ?? 0;
      if (token > this.lockToken) [this.lockToken, this.lockTokenSinceMs] = [token, this.view.now()];
      return;
    }
    if (Key?.sk?.S !== 'FLEET') return;
    const token = (invocation.payload as StepPayload).lease?.fencingToken ?? 0;
    const what = `${invocation.functionName}/${invocation.step} moves the current version with token ${token}`;
    if (token < this.promotedToken) this.broken('S6', `${what} after token ${this.promotedToken}`);
    else if (token < this.lockToken && this.view.lock()?.deployId !== undefined)
      this.broken('S6', `${what} while token ${this.lockToken} holds the lock`);
    this.promotedToken = Math.max(this.promotedToken, token);
  }

  private checkTermination(instanceId: string, reason: string): void {
    const { view } = this;
    if (reason !== 'unhealthy' || view.faultOnServer(AFTERMATH_MS, instanceId)) return;
    // An operator who resumes Auto Scaling in mid-deploy asks for it.
    if (view.wasResumedByOperator()) return;
    const touched = view.deploys().filter(({ targets }) => targets[instanceId]?.startedAtMs !== undefined);
    if (touched.length === 0 || !view.isUp(instanceId)) return;
    // A target that was reported as out of service serves nobody: Auto Scaling replaces it by a server with the fleet's release.
    if (touched.at(-1)?.targets[instanceId]?.phase === 'failed' && view.healthOf(instanceId) === 'unused') return;
    this.broken('S5', `Auto Scaling terminates ${instanceId}, which is alive and was touched by deploy ${touched.at(-1)?.deployId}`);
  }
}

const targetsOf = (input: unknown): string[] =>
  ((input as { readonly Targets?: readonly { readonly Id?: string }[] }).Targets ?? []).map(({ Id = '' }) => Id);
