/** The machines of a run, by the contract that the other parts of the cloud know them by. */

import type { CheckResult } from '#local-aws/elbv2/data-plane/judge-health.ts';
import { NO_RELEASE } from '../../../../functions/shared/version.ts';
import type { Servers, UserRequest } from '../contracts.ts';
import { type BootOptions, bootMachine } from './boot.ts';
import { Machine, type MachineOptions } from './machine.ts';

export interface ServersOptions extends Omit<MachineOptions, 'random'>, BootOptions {}

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

  private add(instanceId: string, version: string, hasPlaceholder: boolean): Machine {
    const machine = this.create(instanceId);
    Object.assign(machine.disk, {
      current: version,
      hasPlaceholder,
      prepared: hasPlaceholder || version !== NO_RELEASE,
      userData: { word: 'ended', phase: 'user data has ended', reason: '', alive: false },
    });
    machine.agentRegisteredAtMs = this.options.kernel.now();
    if (version !== NO_RELEASE) machine.startService('holdfast-app', true);
    else if (hasPlaceholder) machine.startService('holdfast-placeholder', true);
    return machine;
  }

  launch(instanceId: string): void {
    bootMachine(this.create(instanceId), this.options);
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
