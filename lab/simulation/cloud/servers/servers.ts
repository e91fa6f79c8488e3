/** The machines of a run, by the contract that the other parts of the cloud know them by. */

import type { CheckResult } from '#local-aws/elbv2/data-plane/judge-health.ts';
import { NO_RELEASE } from '../../../../functions/shared/version.ts';
import { FOREIGN_FILE, MAIN_FILE } from '../bundles.ts';
import type { Servers, UserRequest } from '../contracts.ts';
import { type BootOptions, bootMachine } from './boot.ts';
import { Machine, type MachineOptions } from './machine.ts';

export interface ServersOptions extends Omit<MachineOptions, 'random'>, BootOptions {
  /** Files of a bundle that a launched machine's image has. */
  readonly image?: () => ReadonlyMap<string, string>;
}

export interface BundleBegin {
  readonly hasPlaceholder: boolean;
  readonly isKnown: boolean;
  readonly changes?: ReadonlyMap<string, string | undefined> | undefined;
}

/** Between the termination's request and the end of what runs on the machine. */
const SHUTDOWN_MS = [300, 5_000] as const;

export class SimulatedServers implements Servers {
  private readonly machines = new Map<string, Machine>();
  private readonly options: ServersOptions;

  constructor(options: ServersOptions) {
    this.options = options;
  }

  /** A machine that Holdfast launched before the run began, with a release or, by `none`, its placeholder. */
  addPrepared(instanceId: string, version: string): Machine {
    return this.add(instanceId, version, true);
  }

  /** A machine that ran before Holdfast did: it has no placeholder, and `none` means that nothing serves. */
  addExisting(instanceId: string, version: string): Machine {
    return this.add(instanceId, version, false);
  }

  /**
   * A machine with the files of this bundle, whose service runs. @param changes what it has in the place of some of them; undefined: nothing
   * @param isKnown Holdfast has installed it, or has taken it for the release
   */
  addBundle(instanceId: string, version: string, { hasPlaceholder, isKnown, changes }: BundleBegin): Machine {
    const machine = this.create(instanceId);
    const { bundles, disk } = machine;
    for (const [path, content] of machine.bundleOf(version)?.files ?? []) bundles.files.set(path, content);
    for (const [path, content] of changes ?? [])
      if (content === undefined) bundles.files.delete(path);
      else bundles.files.set(path, content);
    Object.assign(disk, {
      hasPlaceholder,
      prepared: hasPlaceholder || isKnown,
      userData: { word: 'ended', phase: 'user data has ended', reason: '', alive: false },
    });
    machine.agentRegisteredAtMs = this.options.kernel.now();
    machine.acted({ kind: 'began' });
    if (isKnown) {
      disk.current = version;
      const listed = [...bundles.files.keys()].filter((path) => path !== FOREIGN_FILE);
      Object.assign(bundles, { installed: version, complete: true, listed });
      if (changes) bundles.adopted.set(version, changes);
      machine.acted({ kind: 'adopted', version });
    }
    if (bundles.files.has(MAIN_FILE)) machine.startService('own', true);
    return machine;
  }

  private add(instanceId: string, version: string, hasPlaceholder: boolean): Machine {
    const machine = this.create(instanceId);
    Object.assign(machine.disk, {
      current: version,
      hasPlaceholder,
      prepared: hasPlaceholder || version !== NO_RELEASE,
      userData: { word: 'ended', phase: 'user data has ended', reason: '', alive: false },
    });
    machine.agentRegisteredAtMs = this.options.kernel.now();
    machine.acted({ kind: 'began' });
    if (version !== NO_RELEASE) machine.startService('holdfast-app', true);
    else if (hasPlaceholder) machine.startService('holdfast-placeholder', true);
    return machine;
  }

  launch(instanceId: string): void {
    const machine = this.create(instanceId);
    for (const [path, content] of this.options.image?.() ?? []) machine.bundles.files.set(path, content);
    machine.acted({ kind: 'began' });
    bootMachine(machine, this.options);
  }

  terminate(instanceId: string): void {
    const machine = this.machines.get(instanceId);
    if (machine === undefined || machine.power === 'terminated') return;
    this.options.kernel.after(machine.random.whole(...SHUTDOWN_MS), () => {
      machine.halt('terminated', 'broken');
      this.options.kernel.note('server', `${instanceId} is terminated`);
    });
  }

  checkHealth(instanceId: string): CheckResult {
    return this.machines.get(instanceId)?.checkHealth() ?? { kind: 'timedOut' };
  }

  serve(instanceId: string, request: UserRequest): void {
    this.machine(instanceId).serve(request);
  }

  isRunning(instanceId: string): boolean {
    return this.machines.get(instanceId)?.isRunning ?? false;
  }

  /** The release on a machine, by the machine itself; undefined while a script installs one. */
  installed(instanceId: string): string | undefined {
    const { disk, installer } = this.machine(instanceId);
    return installer === undefined || installer.isOver ? disk.current : undefined;
  }

  /** Whether its health path answers 200 now. */
  isUp(instanceId: string): boolean {
    const result = this.checkHealth(instanceId);
    return result.kind === 'answered' && result.status === 200;
  }

  /** @throws Error for one that was never launched */
  machine(instanceId: string): Machine {
    const machine = this.machines.get(instanceId);
    if (machine === undefined) throw new Error(`there is no machine ${instanceId}`);
    return machine;
  }

  find(instanceId: string): Machine | undefined {
    return this.machines.get(instanceId);
  }

  /** Terminated ones too. */
  list(): readonly Machine[] {
    return [...this.machines.values()];
  }

  private create(instanceId: string): Machine {
    if (this.machines.has(instanceId)) throw new Error(`machine ${instanceId} exists`);
    const machine = new Machine(instanceId, { ...this.options, random: this.options.kernel.random(`machine ${instanceId}`) });
    this.machines.set(instanceId, machine);
    return machine;
  }
}
