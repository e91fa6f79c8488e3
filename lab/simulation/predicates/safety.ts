import type { TargetProgress } from '../../../functions/records/types.ts';
import type { RequestFailure, Watcher } from '../cloud/contracts.ts';
import { EPOCH_MS } from '../kernel/kernel.ts';
import type { Call } from '../seam/call.ts';
import { Bundles } from './bundles.ts';
import { groupOf, type StepPayload, targetsOf } from './calls.ts';
import { Commands } from './commands.ts';
import { whyLost } from './lost-sessions.ts';
import { Minimum } from './minimum.ts';
import type { PredicateId, Violation } from './predicate.ts';
import { Proof } from './proof.ts';
import { Several } from './several.ts';
import { Tokens } from './tokens.ts';
import type { View } from './view.ts';

/** A fault of a server is in its requests for a while after it has ended: health checks find it, and an application starts. */
const AFTERMATH_MS = 120_000;
/** The load balancer's `idle_timeout.timeout_seconds`. */
const IDLE_TIMEOUT_MS = 60_000;
/** By the record, the target is in service. */
const SERVES = /registered again|in service:|registered:/;
/** Where a release is bad that passes the readiness check. */
const SHOWS_LATER: ReadonlySet<string> = new Set(['loadBalancer', 'bake', 'settle', 'people', 'lateHook']);
/** Violations of one run that are kept: the first ones explain the others. */
const MOST = 20;

/** What holds at every moment: the predicates that begin with S, and what L3 wants of a promotion. */
export class Safety {
  readonly violations: Violation[] = [];
  readonly watcher: Watcher;
  private readonly view: View;
  private readonly bundles: Bundles;
  /** The last registration or deregistration of each target, by a function. */
  private readonly registrations = new Map<string, { readonly isIn: boolean; readonly atMs: number }>();

  constructor(view: View) {
    this.view = view;
    const minimum = new Minimum(view, (text) => this.broken('S2', text));
    const commands = new Commands(view, (text) => this.broken('F4', text));
    const proof = new Proof(view, (text) => this.broken('L3', text));
    const tokens = new Tokens(view, (predicate, text) => this.broken(predicate, text));
    const bundles = new Bundles(view, (predicate, text) => this.broken(predicate, text));
    this.bundles = bundles;
    const several = new Several(view, (predicate, text) => this.broken(predicate, text));
    this.watcher = {
      before: (call) => {
        minimum.before(call);
        several.called(call);
        bundles.before(call);
        tokens.before(call);
        if (call.operation === 'RegisterTargets') this.checkFit(call);
      },
      effect: (call, output) => {
        tokens.effect(call);
        several.took(call);
        bundles.effect(call);
        proof.effect(call, output);
        commands.effect(call, output);
        this.followRegistrations(call);
        if (call.operation === 'ResumeProcesses') this.checkResumed(call);
      },
      executionEnded: (end) => commands.executionEnded(end),
      requestFailed: (failure) => {
        proof.requestFailed(failure);
        this.checkFailure(failure);
      },
      sessionLost: (loss) => {
        const { expected, found, from } = loss;
        if (from !== undefined) {
          const why = whyLost(view, loss, from);
          if (why !== undefined) this.broken('S9', why);
          return;
        }
        // The session's id is nobody's business, here as everywhere.
        this.broken('S7', `a session had ${found} where ${expected} had been acknowledged`);
      },
      requestTaken: ({ host, path }) => this.broken('S14', `the drain rule takes a request for ${host}${path}, which is another service's`),
      bundleActed: (instanceId, act) => bundles.acted(instanceId, act),
      terminating: (instanceId, reason) => this.checkTermination(instanceId, reason),
    };
  }

  /** What servers have in the end. */
  judgeEnd(): void {
    this.bundles.judgeEnd();
  }

  broken(predicate: PredicateId, text: string): void {
    if (this.violations.length < MOST) this.violations.push({ predicate, atMs: this.view.now() - EPOCH_MS, text });
  }

  private followRegistrations({ operation, input }: Call): void {
    if (operation !== 'RegisterTargets' && operation !== 'DeregisterTargets') return;
    if (this.view.isDrainGroup(groupOf(input))) return;
    const change = { isIn: operation === 'RegisterTargets', atMs: this.view.now() };
    for (const instanceId of targetsOf(input)) this.registrations.set(instanceId, change);
  }

  private checkFailure({ instanceId, why, version, cause, durationMs }: RequestFailure): void {
    const { view } = this;
    // An application that answers 5xx is bad, the placeholder, or without its store. None of that cuts a request off.
    if (version !== undefined && (version === 'none' || view.badAt(version) !== undefined || view.faultOnStore(AFTERMATH_MS))) return;
    // The load balancer waits no longer for any answer, and cuts off what the deregistration delay is too short for.
    if (cause === 'targetTimedOut' && durationMs >= IDLE_TIMEOUT_MS) return;
    if (cause === 'deregistered' && durationMs >= view.deregistrationDelayMs()) return;
    if (instanceId === undefined) {
      if (!view.faultOnServer(AFTERMATH_MS)) this.broken('S1', why);
      return;
    }
    if (view.faultOnServer(AFTERMATH_MS, instanceId)) return;
    // Auto Scaling replaces what is being rolled once an operator has resumed it in mid-deploy, and what it began to terminate just before
    // the deploy: that waits to be idle, unless the waiting is what fails.
    if ((view.wasResumedByOperator() || view.terminatesUndrained()) && !isInService(view, instanceId)) return;
    // Sent to a target that is no longer registered, by a load balancer that is slower than the fleet's settings allow for.
    if (view.isLoadBalancerSlow() && !view.registered().includes(instanceId)) return;
    const installed = view.installed(instanceId);
    // A placeholder, and not what ran before Holdfast.
    if (installed === 'none' && (view.bundle(instanceId)?.running ?? installed) === installed) return;
    this.broken('S1', `${why} (${instanceId}, release ${installed ?? 'being installed'})`);
  }

  private checkFit({ input, invocation }: Call): void {
    const { view } = this;
    const { deploy } = invocation.payload as StepPayload;
    for (const instanceId of targetsOf(input)) {
      if (view.faultOnServer(AFTERMATH_MS, instanceId)) continue;
      // Put back where it never left: nothing changes.
      if (invocation.step === 'putBack' && view.healthOf(instanceId) === 'healthy') continue;
      const installed = view.installed(instanceId);
      const target = deploy && view.deploys().find(({ deployId }) => deployId === deploy.deployId)?.targets[instanceId];
      const bad = installed === undefined ? undefined : view.badAt(installed);
      const what = `${invocation.step} registers ${instanceId}`;
      if (installed === undefined) this.broken('S4', `${what} while a release is being installed`);
      else if (
        bad !== undefined &&
        installed === deploy?.version &&
        (!SHOWS_LATER.has(bad) || (invocation.step === 'putBack' && !this.hasPassedReadinessCheck(target)))
      ) {
        this.broken('S4', `${what} with release ${installed}, which is bad (${bad})`);
      } else if (invocation.step === 'register' && bad !== 'loadBalancer' && !view.isUp(instanceId) && isInService(view, instanceId)) {
        // The load balancer itself refuses an instance that is no longer running.
        this.broken('S4', `${what} with release ${installed}, which does not answer`);
      } else if (invocation.step === 'register' && installed !== (target?.rollingBackTo ?? deploy?.version)) {
        this.broken('S4', `${what} with release ${installed} instead of ${target?.rollingBackTo ?? deploy?.version}`);
      }
    }
  }

  private checkTermination(instanceId: string, reason: string): void {
    const { view } = this;
    if (reason !== 'unhealthy' || view.faultOnServer(AFTERMATH_MS, instanceId)) return;
    // An operator who resumes Auto Scaling in mid-deploy asks for it.
    if (view.wasResumedByOperator()) return;
    const touched = view.deploys().filter(({ targets }) => targets[instanceId]?.startedAtMs !== undefined);
    if (touched.length === 0 || !view.isUp(instanceId)) return;
    // A target that was reported as out of service serves nobody: Auto Scaling replaces it by a server with the fleet's release.
    const last = touched.at(-1);
    const { phase, detail = '', notRunning } = last?.targets[instanceId] ?? {};
    const isUnused = view.healthOf(instanceId) === 'unused';
    if ((phase === 'failed' || notRunning) && isUnused && !SERVES.test(detail)) return;
    // So does one that a deploy had out when it died, without a clean-up until another deploy took the lock and ended.
    if (isUnused && last?.status === 'RUNNING' && view.deploys().at(-1)?.deployId !== last.deployId) return;
    this.broken('S5', `Auto Scaling terminates ${instanceId}, which is alive and was touched by deploy ${last?.deployId}`);
  }

  /** Its phase is on record before the target is registered. */
  private hasPassedReadinessCheck({ phases = [] }: Partial<TargetProgress> = {}): boolean {
    return phases.findLast(({ phase }) => phase !== 'failed')?.phase === 'registering';
  }

  /** S8. What the clean-up itself registered: a target that failed before stays as it is. */
  private checkResumed({ invocation }: Call): void {
    const { deploy } = invocation.payload as StepPayload;
    const record = this.view.deploys().find(({ deployId }) => deployId === deploy?.deployId);
    if (deploy === undefined || record?.cleanUp === undefined) return;
    for (const [instanceId, registered] of this.registrations) {
      if (record.targets[instanceId]?.startedAtMs === undefined || registered.atMs < record.cleanUp.startedAtMs) continue;
      const isOverdue = this.view.now() - registered.atMs >= deploy.settings.registerTimeoutSeconds * 1000;
      // Auto Scaling itself takes out what it terminates.
      const isMember = isInService(this.view, instanceId);
      if (!registered.isIn || !isMember || isOverdue || this.view.healthOf(instanceId) !== 'draining') continue;
      this.broken('S8', `the clean-up of ${deploy.deployId} resumes Auto Scaling while ${instanceId}, which it registered, is draining`);
    }
  }
}

const isInService = (view: View, instanceId: string): boolean =>
  view.members().some((member) => member.instanceId === instanceId && member.lifecycleState === 'InService');
