/** The machines of a run, by the contract that the other parts of the cloud know them by. */
import type { CheckResult } from '../../../../local/aws/elbv2/data-plane/judge-health.ts';
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

  /** A machine that was prepared before the run began, with a release or, by `none`, its placeholder. */
  addPrepared(instanceId: string, version: string): Machine {
    const machine = this.create(instanceId);
    Object.assign(machine.disk, {
      current: version,
      hasPlaceholder: true,
      prepared: true,
      userData: { word: 'ended', phase: 'user data has ended', reason: '', alive: false },
    });
    machine.agentRegisteredAtMs = this.options.kernel.now();
    machine.startService(version === 'none' ? 'holdfast-placeholder' : 'holdfast-app', true);
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
