import type { DeployRecord } from '../../../functions/records/types.ts';
import type { Watcher } from '../cloud/contracts.ts';
import { drawRelease, type Release } from '../cloud/releases.ts';
import { startTraffic } from '../cloud/traffic/users.ts';
import { RunObserver } from '../coverage/run-observer.ts';
import { losesDrainsOfTerminations, NOTHING_GOES_WRONG } from '../faults/fault-plan.ts';
import { PlannedFaults } from '../faults/planned-faults.ts';
import { definitionsOf } from '../installation/definitions.ts';
import type { Installation } from '../installation/installation.ts';
import { EPOCH_MS, type Kernel } from '../kernel/kernel.ts';
import { judgeFinalState } from '../predicates/final-state.ts';
import { judgeLiveness, whyNextFailed } from '../predicates/liveness.ts';
import { cannotTell } from '../predicates/people.ts';
import type { Violation } from '../predicates/predicate.ts';
import { Safety } from '../predicates/safety.ts';
import type { View } from '../predicates/view.ts';
import { connectSeam } from '../seam/connect-seam.ts';
import { FaultLog } from '../world/fault-log.ts';
import { createStrike } from '../world/strike.ts';
import { viewWorld } from '../world/view-world.ts';
import { createWorld, readDeploy, type World, type WorldOptions } from '../world/world.ts';
import { decidesOnPauses } from './decide-pause.ts';
import { asBundle, drawChanges } from './draw-bundles.ts';
import type { PeopleRun, RunPlan } from './draw-run.ts';
import { ending } from './ending.ts';
import { type DeployOptions, restartOf } from './restart-of.ts';
import type { SeedResult } from './seed-result.ts';
import { withAbort } from './with-abort.ts';

export interface RunOptions extends Pick<WorldOptions, 'kernel' | 'machines' | 'documents' | 'functions'> {
  readonly installation: Installation;
  readonly plan: RunPlan;
}

/** Before the deploy: health checks have run, and traffic has been counted for some minutes. */
const WARM_UP_MS = 240_000;
/** The longest that a deploy with its clean-ups can take while things go wrong. */
const LONGEST_DEPLOY_MS = 12 * 3_600_000;
/** Once all faults have healed: a turn of the reconciler, and a clean-up with every wait that it has. */
const TIDY_MS = 3 * 3_600_000;
/** What is tidy has to stay so while health checks run. */
const QUIET_MS = 120_000;
/** How often a run looks whether it is over. */
const LOOK_MS = 5_000;

const OLD = '1.0.0';
const NEW = '2.0.0';
const AGAIN = '3.0.0';

/** A campaign begins before the deploy, or at some time until most deploys are over. */
const CAMPAIGNS_MS: Partial<Record<PeopleRun, readonly [least: number, most: number]>> = {
  'campaign before': [20_000, WARM_UP_MS],
  campaign: [WARM_UP_MS, WARM_UP_MS + 600_000],
};

function campaignOf({ people = 'hurt' }: RunPlan, kernel: Kernel): { readonly campaignFromMs?: number } {
  const times = CAMPAIGNS_MS[people];
  return times === undefined ? {} : { campaignFromMs: kernel.random('campaign').whole(...times) };
}

interface StartedDeploy {
  readonly name: string;
  readonly executionArn: string;
}

/** One run: a fleet that serves, a deploy, what goes wrong meanwhile, and what is left in the end. */
export class Run {
  private readonly kernel: Kernel;
  private readonly plan: RunPlan;
  private readonly faults: PlannedFaults;
  private readonly log = new FaultLog();
  private readonly observer: RunObserver;
  private readonly world: World;
  private readonly view: View;
  private readonly safety: Safety;
  private readonly watcher: Watcher;
  private readonly disconnect: () => void;
  private readonly found: Violation[] = [];
  private readonly deploys: StartedDeploy[] = [];

  constructor({ kernel, plan, installation, machines, documents, functions }: RunOptions) {
    this.kernel = kernel;
    this.plan = plan;
    const operator = { abort: () => this.abort(), deployAgain: () => this.startDeploy(AGAIN) };
    const faults = { took: (kind: string) => this.faults.took(kind) };
    const healAtMs = EPOCH_MS + plan.faults.healAtMs;
    let strike: ReturnType<typeof createStrike> | undefined;
    this.faults = new PlannedFaults(
      kernel,
      withAbort(plan),
      (fault, executionArn) => strike?.(fault, executionArn),
      (kind) => this.observer.fault(kind),
    );
    this.observer = new RunObserver({
      definitions: definitionsOf(machines),
      view: () => this.view,
      badAt: plan.badAt,
      took: (kind) => this.faults.took(kind),
    });
    this.watcher = this.watchAll();
    this.world = createWorld({
      kernel,
      installation,
      machines,
      documents,
      functions,
      faults: this.faults,
      watcher: this.watcher,
      servers: plan.servers,
      wrong: plan.faults,
      ...(plan.bundle?.ranBefore && { image: this.imageOf() }),
      failingScripts: plan.bundle?.failing,
    });
    strike = createStrike({ kernel, world: this.world, log: this.log, faults, operator, healAtMs });
    const forEver = { fromMs: EPOCH_MS, untilMs: Number.POSITIVE_INFINITY };
    if (plan.faults.slowLoadBalancer) this.log.add({ kind: 'loadBalancer.lag', ...forEver });
    if (losesDrainsOfTerminations(plan.faults)) this.log.add({ kind: 'termination.undrained', ...forEver });
    const isUndisturbed = () => [...this.faults.taken.keys()].every((kind) => /^(?:release|operator)[.]/.test(kind));
    const hasCampaign = () => plan.people?.startsWith('campaign') === true;
    this.view = { ...viewWorld(kernel, this.world, this.log, plan.faults.suspendedBefore), isUndisturbed, hasCampaign };
    this.safety = new Safety(this.view);
    this.disconnect = connectSeam({ kernel, services: this.world.services, faults: this.faults, watcher: this.watcher });
  }

  /** @throws Error when it cannot go on */
  async go(): Promise<void> {
    const { kernel, plan, world, view } = this;
    try {
      const draws = kernel.random('releases');
      const old = this.publish(drawRelease(draws, OLD, 'good'), 'old');
      this.publish(drawRelease(draws, AGAIN, 'good'));
      this.publish(drawRelease(draws, NEW, plan.badAt ?? 'good'), 'new');
      world.begin(plan.first ? 'none' : OLD, plan.bundle && this.beginOf(old));
      if (plan.users > 0) {
        const onceHealthy = world.installation.drain && { sessionsInMemory: true, phases: [{ fromMs: 40_000, users: plan.users }] };
        startTraffic({
          kernel,
          ...world,
          watcher: this.watcher,
          phases: [{ fromMs: 0, users: plan.users }],
          ...onceHealthy,
          ...campaignOf(plan, kernel),
        });
      }
      kernel.after(WARM_UP_MS, () =>
        this.startDeploy(plan.restarts || plan.bundle?.adopts ? OLD : NEW, restartOf(plan, view, world.releases.get(NEW).behaviour.hurts)),
      );
      await kernel.run(EPOCH_MS + WARM_UP_MS);
      await this.untilTidy(LONGEST_DEPLOY_MS);
      this.safety.judgeEnd();
      this.found.push(...judgeFinalState(view), ...judgeLiveness(plan, view, this.deploys[0]?.name ?? '', this.faults.taken));
      if (plan.again) await this.deployOnceMore();
      this.observer.finish({ deadLetters: world.events.deadLetters.length });
    } finally {
      this.disconnect();
    }
  }

  result(): Omit<SeedResult, 'plan'> {
    const { kernel, faults, plan } = this;
    const { coverage } = this.observer;
    return {
      seed: kernel.seed,
      kind: plan.kind,
      violations: [...this.safety.violations, ...this.found],
      coverage,
      faults: Object.fromEntries(faults.taken),
      hash: kernel.timeline.hash(),
      endings: this.deploys.map(({ name }) => ending(this.recordOf(name))),
      virtualSeconds: (kernel.now() - EPOCH_MS) / 1000,
      ...(kernel.timeline.entries.length > 0 && { timeline: kernel.timeline.entries }),
    };
  }

  /** A further deploy, with the faults healed, has to succeed. */
  private async deployOnceMore(): Promise<void> {
    const version = '4.0.0';
    this.faults.heal();
    this.publish(drawRelease(this.kernel.random('last release'), version, 'good'));
    const isAlone = this.view.members().length < 2;
    // The release before can be one that does not stop.
    this.startDeploy(version, { recover: true, ...(this.plan.bundle && { ignoreApplicationStopFailures: true }) });
    // Scripts of twelve servers take hours.
    await this.untilTidy(LONGEST_DEPLOY_MS);
    const record = this.recordOf(this.deploys.at(-1)?.name ?? '');
    const text = whyNextFailed(record, this.faults.taken, isAlone && this.plan.users > 0);
    if (text !== undefined && !(record && cannotTell(this.view, record)))
      this.found.push({ predicate: 'L4', atMs: this.kernel.now() - EPOCH_MS, text });
    this.safety.judgeEnd();
    this.found.push(...judgeFinalState(this.view));
  }

  private publish(release: Release, whose?: 'old' | 'new'): Release {
    const { plan, world, kernel } = this;
    const isBundle = plan.bundle !== undefined || release.quality === 'smuggled';
    const published = isBundle ? asBundle(release, plan, kernel.random(`bundle ${release.version}`), whose) : release;
    world.publish(published);
    return published;
  }

  /** How each server begins with its bundle. */
  private beginOf({ version, bundle }: Release) {
    const { adopts, differs } = this.plan.bundle ?? {};
    const random = this.kernel.random('differences');
    let others = 0;
    return () => {
      const isChanged = bundle !== undefined && differs && (others === 0 || random.chance(0.5));
      others += 1;
      return { isKnown: adopts === undefined, changes: isChanged ? drawChanges(random, version, bundle) : undefined };
    };
  }

  /** What launched servers of an existing group come with: an older bundle or a newer one, whole or not, or none. */
  private imageOf(): () => ReadonlyMap<string, string> {
    const random = this.kernel.random('image');
    return () => {
      const release = random.pick([undefined, ...this.world.releases.list()]);
      const files = new Map(release?.bundle?.files);
      if (random.chance(0.3)) files.delete([...files.keys()].at(-1) ?? '');
      return files;
    };
  }

  private startDeploy(version: string, more: DeployOptions = {}): boolean {
    const { recover, halts } = this.plan;
    const name = `deploy-${this.deploys.length + 1}`;
    const input = { version, requestedBy: 'operator', ...(recover && { recover }), ...(halts && { onFailure: 'halt' }), ...more };
    const executionArn = this.world.stepFunctions.start('deploy', input, name);
    this.deploys.push({ name, executionArn });
    return true;
  }

  private abort(): boolean {
    const { stepFunctions } = this.world;
    const running = this.deploys.map(({ executionArn }) => stepFunctions.find(executionArn)).find((one) => one?.status === 'RUNNING');
    if (running === undefined) return false;
    stepFunctions.stop(running, 'Aborted', 'stopped by the operator');
    this.observer.sometimes('a deploy was aborted');
    return true;
  }

  /** Until nothing runs and everything is tidy for a while; at most this long, and at most the bound after all has healed. */
  private async untilTidy(longestMs: number): Promise<void> {
    const { kernel, plan } = this;
    const healMs = Math.max(EPOCH_MS + plan.faults.healAtMs, kernel.now());
    const healsAtMs = plan.faults === NOTHING_GOES_WRONG ? kernel.now() : healMs;
    let quietSinceMs: number | undefined;
    for (const endMs = kernel.now() + longestMs; kernel.now() < endMs; ) {
      await kernel.run(kernel.now() + LOOK_MS);
      const isQuiet = this.isTidy() && (plan.kind !== 'chaos' || this.faults.healed);
      quietSinceMs = isQuiet ? (quietSinceMs ?? kernel.now()) : undefined;
      if (quietSinceMs !== undefined && kernel.now() - quietSinceMs >= QUIET_MS) return;
      if (!isQuiet && kernel.now() - Math.max(healsAtMs, this.lastDeployEndMs()) > TIDY_MS) break;
    }
    const left = this.view.runningExecutions().map(({ machine }) => machine);
    const lock = this.view.lock();
    const text = `not tidy: running ${left.join(', ') || 'nothing'}, lock ${lock?.deployId ?? 'free'}, open ${[...(lock?.openDeploys ?? [])].join(', ') || 'none'}`;
    this.found.push({ predicate: 'L5', atMs: kernel.now() - EPOCH_MS, text });
  }

  /** While one runs: now. */
  private lastDeployEndMs(): number {
    const ends = this.deploys.map(({ executionArn }) => {
      const record = this.world.stepFunctions.find(executionArn);
      return record?.stoppedAtMs ?? this.kernel.now();
    });
    return Math.max(0, ...ends);
  }

  private isTidy(): boolean {
    const lock = this.view.lock();
    if (this.world.stepFunctions.running().length > 0 || (lock?.openDeploys?.size ?? 0) > 0) return false;
    if (lock?.deployId !== undefined || lock?.suspension !== undefined) return false;
    return this.view.members().every(({ lifecycleState }) => lifecycleState === 'InService' || lifecycleState === 'Standby');
  }

  private recordOf(deployId: string): DeployRecord | undefined {
    return readDeploy(this.world.dynamoDb, this.world.installation.fleet, deployId);
  }

  private decide() {
    const { kernel, plan } = this;
    const sometimes = (fact: string) => this.observer.sometimes(fact);
    return decidesOnPauses({ kernel, plan, world: () => this.world, abort: () => this.abort(), sometimes });
  }

  private watchAll(): Watcher {
    const observed = () => this.observer.watcher;
    const operate = this.decide();
    const safety = () => this.safety.watcher;
    return {
      before: (call) => safety().before?.(call),
      effect(call, output) {
        safety().effect?.(call, output);
        observed().effect?.(call, output);
      },
      requestFailed: (failure) => safety().requestFailed?.(failure),
      sessionLost: (loss) => safety().sessionLost?.(loss),
      requestTaken: (place) => safety().requestTaken?.(place),
      terminating: (instanceId, reason) => safety().terminating?.(instanceId, reason),
      bundleActed: (instanceId, act) => safety().bundleActed?.(instanceId, act),
      stateEntered(entered) {
        observed().stateEntered?.(entered);
        operate(entered);
      },
      caught: (caught) => observed().caught?.(caught),
      retried: (retried) => observed().retried?.(retried),
      executionEnded(end) {
        safety().executionEnded?.(end);
        observed().executionEnded?.(end);
      },
    };
  }
}
