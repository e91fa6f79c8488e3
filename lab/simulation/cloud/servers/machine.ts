/** One virtual machine: what is on its disk, which of its services runs, and what its user data does. */

import type { CheckResult } from '#local-aws/elbv2/data-plane/judge-health.ts';
import type { InstallOutput } from '../../../../functions/instance/document-contract.ts';
import { NO_RELEASE } from '../../../../functions/shared/version.ts';
import type { Kernel, Scheduled } from '../../kernel/kernel.ts';
import type { Random } from '../../kernel/random.ts';
import { type BundleAct, type BundleDisk, type DrawnBundle, emptyBundleDisk, MAIN_FILE } from '../bundles.ts';
import type { SessionStore, UserRequest } from '../contracts.ts';
import type { Behaviour, Releases } from '../releases.ts';
import { AccessLog } from './access-log.ts';
import { Application } from './application.ts';
import type { ScriptProcess } from './script-process.ts';
import { SessionMemory } from './session-memory.ts';

/** What user data wrote to its state file. */
export interface UserDataState {
  readonly word: '' | 'running' | 'failed' | 'ended';
  readonly phase: string;
  /** What a script that failed printed last. */
  readonly reason: string;
  /** False once the script has ended without a word, as by a reboot. */
  readonly alive: boolean;
}

/** Files that outlive a restart. */
export interface Disk {
  /** Version that `current` points to; `none` without a link. */
  current: string;
  previous: string;
  /** The highest that the documents have seen. */
  fencingToken: number;
  /** Token of the deploy that has restarted the service last. */
  restartedBy?: number;
  /** Versions whose assets are staged. @default none */
  assets?: ReadonlySet<string>;
  /**
   * How the last install that failed ended, or of a bundle any, and what was ordered, a deploy's token included. Final: the same order gets
   * this result again.
   */
  lastResult?: { readonly order: string; readonly isFinal: boolean; readonly result: InstallOutput };
  hasPlaceholder: boolean;
  /** `etc/instance.env` exists. */
  prepared: boolean;
  userData: UserDataState;
  full: boolean;
}

export interface MachineOptions {
  readonly kernel: Kernel;
  readonly store: SessionStore;
  readonly releases: Releases;
  /** Applications keep sessions in memory, and not in the store. */
  readonly sessionsInMemory?: boolean;
  readonly random: Random;
  /** Something happens to its bundle. */
  readonly acted?: (instanceId: string, act: BundleAct) => void;
  /** Whether a script of a bundle that works fails now all the same. */
  readonly failsScript?: (instanceId: string) => boolean;
}

/** The load balancer gives up on a connection to a machine that is gone. */
const CONNECT_TIMEOUT_MS = 10_000;
/** The units' RestartSec. */
const RESTART_MS = 1_000;

const PLACEHOLDER: Behaviour = {
  start: 'listens',
  startMs: [100, 700],
  isReady: true,
  healthStatus: 200,
  probeMs: [1, 10],
  errorShare: 0,
  errorsAfterMs: 0,
  offersCounts: false,
};

/** `own`: the one that a bundle's scripts stop and start. */
export type ServiceName = 'holdfast-app' | 'holdfast-placeholder' | 'own';

export class Machine {
  readonly instanceId: string;
  readonly random: Random;
  readonly disk: Disk = {
    current: NO_RELEASE,
    previous: NO_RELEASE,
    fencingToken: 0,
    hasPlaceholder: false,
    prepared: false,
    userData: { word: '', phase: '', reason: '', alive: true },
    full: false,
  };
  readonly bundles: BundleDisk = emptyBundleDisk();
  power: 'running' | 'stopped' | 'terminated' = 'running';
  /** Undefined until the agent has registered. */
  agentRegisteredAtMs: number | undefined;
  agentSilentUntilMs = 0;
  /** When Systems Manager heard from the agent for the last time; undefined while it does. */
  agentLostAtMs: number | undefined;
  agentSlowUntilMs = 0;
  /** Downloads that the next commands fail with. */
  failingDownloads = 0;
  /** Holds the install document's lock. */
  installer: ScriptProcess | undefined;
  /** What the agent does once it runs again after a reboot, with the commands that the reboot ended. */
  readonly atAgentStart: (() => void)[] = [];
  /** Called when something cannot reach the agent. */
  agentMissed: () => void = () => {};
  /** Of the application's releases, one after the other. */
  readonly accessLog = new AccessLog();
  /** Run by the agent. */
  readonly scripts = new Set<ScriptProcess>();
  /** Changes with each boot: what ran before is gone. */
  boot = 1;
  private running: { readonly service: ServiceName; readonly process: Application } | undefined;
  private restart: { readonly service: ServiceName; readonly due: Scheduled } | undefined;
  private readonly options: MachineOptions;

  constructor(instanceId: string, options: MachineOptions) {
    this.instanceId = instanceId;
    this.options = options;
    this.random = options.random;
  }

  /** The process on the port, if it runs. */
  get application(): Application | undefined {
    return this.running?.process;
  }

  get isRunning(): boolean {
    return this.power === 'running';
  }

  /** Whether Systems Manager hears from the agent. */
  get isAgentOnline(): boolean {
    return this.isRunning && this.agentRegisteredAtMs !== undefined && this.options.kernel.now() >= this.agentSilentUntilMs;
  }

  /** The release's behaviour that `current` names; undefined without one. */
  get currentBehaviour(): Behaviour | undefined {
    return this.disk.current === NO_RELEASE ? undefined : this.options.releases.get(this.disk.current).behaviour;
  }

  /** The release as a bundle; undefined for one that is none. */
  bundleOf(version: string): DrawnBundle | undefined {
    return this.options.releases.get(version).bundle;
  }

  acted(act: BundleAct): void {
    this.options.kernel.note('bundle', `${this.instanceId} ${JSON.stringify(act)}`);
    this.options.acted?.(this.instanceId, act);
  }

  failsScript(): boolean {
    return this.options.failsScript?.(this.instanceId) ?? false;
  }

  /** As {@link isAgentOnline}, by something that needs the agent now. */
  reachAgent(): boolean {
    if (!this.isAgentOnline) this.agentMissed();
    return this.isAgentOnline;
  }

  /** By `systemctl is-active`. */
  stateOf(service: ServiceName): 'active' | 'activating' | 'inactive' {
    if (this.running?.service === service) return 'active';
    return this.restart?.service === service ? 'activating' : 'inactive';
  }

  /** `systemctl start`: nothing happens when it runs, or when the unit's condition does not hold. @param warm it listens at once */
  startService(service: ServiceName, warm = false): void {
    const main = service === 'own' ? this.bundles.files.get(MAIN_FILE) : undefined;
    const isOwn = service === 'own' && main !== undefined;
    const conditionHolds = isOwn || (service !== 'own' && (this.disk.current === NO_RELEASE) === (service === 'holdfast-placeholder'));
    // The port is taken.
    if (!conditionHolds || this.running !== undefined) return;
    this.restart?.due.cancel();
    this.restart = undefined;
    const { kernel, store, sessionsInMemory, releases } = this.options;
    const memory = sessionsInMemory && service === 'holdfast-app' ? new SessionMemory(kernel) : undefined;
    const version = main?.split(',')[0] ?? this.disk.current;
    const process = new Application({
      kernel,
      store: memory ?? store,
      ...(memory && { memory }),
      log: this.accessLog,
      random: this.random,
      version,
      behaviour: version === NO_RELEASE ? PLACEHOLDER : releases.get(version).behaviour,
      warm,
      exited: () => this.crash(),
    });
    this.running = { service, process };
    kernel.note('server', `${this.instanceId} starts ${version === NO_RELEASE ? 'the placeholder' : version}`);
  }

  /** `systemctl stop`: what is in flight breaks. */
  stopService(service: ServiceName): void {
    if (this.restart?.service === service) {
      this.restart.due.cancel();
      this.restart = undefined;
    }
    if (this.running?.service !== service) return;
    const { process } = this.running;
    this.running = undefined;
    process.stop();
    if (service === 'own') this.acted({ kind: 'stopped' });
    this.options.kernel.note('server', `${this.instanceId} stopped ${service}`);
  }

  /** The process ends by itself; systemd starts it again. */
  crash(): void {
    if (this.running === undefined) return;
    const { service } = this.running;
    this.stopService(service);
    this.restart = { service, due: this.options.kernel.after(RESTART_MS, () => this.startService(service)) };
  }

  /** Ends everything on it. @param how `silent`: as by a lost host, which resets no connection */
  halt(power: 'stopped' | 'terminated', how: 'broken' | 'silent'): void {
    this.restart?.due.cancel();
    this.restart = undefined;
    this.running?.process.stop(how);
    this.running = undefined;
    for (const script of this.scripts) script.end();
    this.scripts.clear();
    this.power = power;
    this.boot += 1;
    this.agentLostAtMs ??= this.options.kernel.now();
  }

  /** After {@link halt}: systemd starts the service whose condition holds, later the agent begins. */
  start(agentAfterMs: number): void {
    const { kernel } = this.options;
    this.power = 'running';
    const { userData } = this.disk;
    if (userData.word === 'running') this.disk.userData = { ...userData, alive: false };
    if (this.bundles.files.has(MAIN_FILE)) this.startService('own');
    else if (this.disk.current !== NO_RELEASE) this.startService('holdfast-app');
    else if (this.disk.hasPlaceholder) this.startService('holdfast-placeholder');
    this.agentSilentUntilMs = kernel.now() + agentAfterMs;
    kernel.after(agentAfterMs, () => {
      if (!this.isRunning) return;
      this.agentRegisteredAtMs ??= kernel.now();
      this.agentLostAtMs = undefined;
      for (const resume of this.atAgentStart.splice(0)) resume();
    });
  }

  checkHealth(): CheckResult {
    if (!this.isRunning) return { kind: 'timedOut' };
    const process = this.application;
    if (process === undefined || !process.isListening) return { kind: 'failed' };
    if (process.isFrozen) return { kind: 'timedOut' };
    return { kind: 'answered', status: process.probe().healthStatus };
  }

  serve(request: UserRequest): void {
    if (!this.isRunning) {
      this.options.kernel.after(CONNECT_TIMEOUT_MS, () => request.ended({ kind: 'silent' }));
    } else if (this.application === undefined) {
      request.ended({ kind: 'broken' });
    } else {
      this.application.serve(request);
    }
  }
}
