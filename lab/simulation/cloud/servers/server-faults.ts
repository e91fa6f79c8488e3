/** Faults of single servers, carried out, and for how long each explains what users meet there. */
import type { Faults } from '../../faults/faults.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Machine } from './machine.ts';
import type { SimulatedServers } from './servers.ts';

export const SERVER_FAULTS = [
  'server.dead',
  'server.hanging',
  'server.restarting',
  'server.diskFull',
  'server.downloadsFail',
  'agent.silent',
  'agent.slow',
  'instance.terminated',
] as const;
export type ServerFault = (typeof SERVER_FAULTS)[number];

export interface ServerFaultsOptions {
  readonly kernel: Kernel;
  readonly servers: SimulatedServers;
  readonly faults: Pick<Faults, 'took'>;
  /** A fault took effect, which explains what users meet on this server until then; Infinity: for good. */
  readonly struck?: (kind: ServerFault, instanceId: string, untilMs: number) => void;
}

/** A server that was away serves again some time after it is back: its application starts, and its agent. */
const RECOVERY_MS = 60_000;
const AGENT_START_MS = [4_000, 20_000] as const;
/** A reboot, from the end of the last process to systemd. */
const REBOOT_MS = [10_000, 40_000] as const;

export class ServerFaults {
  private readonly options: ServerFaultsOptions;
  private readonly effects: { readonly instanceId: string; readonly untilMs: number }[] = [];
  /** Ends of what is under way. */
  private readonly ends = new Set<() => void>();

  constructor(options: ServerFaultsOptions) {
    this.options = options;
  }

  /** Makes a fault happen to a server now. A server that is gone is spared. */
  strike(kind: ServerFault, instanceId: string, lastsMs: number): void {
    const machine = this.options.servers.find(instanceId);
    if (!machine?.isRunning) return;
    this.options.kernel.note('fault', `${kind} on ${instanceId} for ${lastsMs} ms`);
    this.carryOut(kind, machine, lastsMs);
  }

  /** Ends what lasts. Dead machines boot. */
  heal(): void {
    for (const end of [...this.ends]) end();
    for (const machine of this.options.servers.list()) {
      machine.agentSilentUntilMs = Math.min(machine.agentSilentUntilMs, this.options.kernel.now() + AGENT_START_MS[1]);
      machine.agentSlowUntilMs = 0;
      machine.failingDownloads = 0;
    }
  }

  /** Whether a fault of this server (without an id: of any) had an effect on its users within the last `ms`. */
  within(ms: number, instanceId?: string): boolean {
    const sinceMs = this.options.kernel.now() - ms;
    return this.effects.some((effect) => effect.untilMs >= sinceMs && (instanceId === undefined || effect.instanceId === instanceId));
  }

  private carryOut(kind: ServerFault, machine: Machine, lastsMs: number): void {
    switch (kind) {
      case 'server.dead':
        this.die(machine, lastsMs);
        break;
      case 'server.hanging':
        this.hang(machine, lastsMs);
        break;
      case 'server.restarting':
        this.restart(machine);
        break;
      case 'server.diskFull':
        this.fillDisk(machine, lastsMs);
        break;
      case 'server.downloadsFail':
        this.took(kind, machine, 0);
        machine.failingDownloads += 1;
        break;
      case 'agent.silent':
        this.silence(machine, lastsMs);
        break;
      case 'agent.slow':
        this.took(kind, machine, 0);
        machine.agentSlowUntilMs = this.options.kernel.now() + lastsMs;
        break;
      case 'instance.terminated':
        this.took(kind, machine, Number.POSITIVE_INFINITY);
        this.options.servers.terminate(machine.instanceId);
    }
  }

  /** The host is lost: nothing answers, no connection is reset. It boots again unless it is replaced before. */
  private die(machine: Machine, lastsMs: number): void {
    this.took('server.dead', machine, lastsMs);
    machine.halt('stopped', 'silent');
    this.until(lastsMs, () => {
      if (machine.power === 'stopped') machine.start(machine.random.whole(...AGENT_START_MS));
    });
  }

  private hang(machine: Machine, lastsMs: number): void {
    const { application } = machine;
    if (application === undefined) return;
    this.took('server.hanging', machine, lastsMs);
    application.freeze();
    this.until(lastsMs, () => application.thaw());
  }

  /** Its process ends by itself, or the whole machine reboots. */
  private restart(machine: Machine): void {
    if (machine.random.chance(0.6)) {
      if (machine.application === undefined) return;
      this.took('server.restarting', machine, 0);
      machine.crash();
      return;
    }
    const awayMs = machine.random.whole(...REBOOT_MS);
    this.took('server.restarting', machine, awayMs);
    machine.halt('stopped', 'broken');
    this.until(awayMs, () => {
      if (machine.power === 'stopped') machine.start(machine.random.whole(...AGENT_START_MS));
    });
  }

  private fillDisk(machine: Machine, lastsMs: number): void {
    this.took('server.diskFull', machine, 0);
    machine.disk.full = true;
    this.until(lastsMs, () => {
      machine.disk.full = false;
    });
  }

  /** Counted once something misses the agent. */
  private silence(machine: Machine, lastsMs: number): void {
    const { kernel } = this.options;
    const untilMs = kernel.now() + lastsMs;
    machine.agentSilentUntilMs = Math.max(machine.agentSilentUntilMs, untilMs);
    machine.agentLostAtMs ??= kernel.now();
    machine.agentMissed = () => {
      machine.agentMissed = () => {};
      this.took('agent.silent', machine, 0);
    };
    this.until(lastsMs, () => {
      machine.agentSilentUntilMs = Math.min(machine.agentSilentUntilMs, kernel.now());
      if (machine.isAgentOnline) machine.agentLostAtMs = undefined;
      machine.agentMissed = () => {};
    });
  }

  private took(kind: ServerFault, { instanceId }: Machine, lastsMs: number): void {
    const { faults, kernel, struck } = this.options;
    const untilMs = kernel.now() + lastsMs + RECOVERY_MS;
    faults.took(kind);
    struck?.(kind, instanceId, untilMs);
    this.effects.push({ instanceId, untilMs });
  }

  /** Runs `end` once: after this time, or when all heals. */
  private until(lastsMs: number, end: () => void): void {
    const once = (): void => {
      if (this.ends.delete(once)) end();
    };
    this.ends.add(once);
    this.options.kernel.after(lastsMs, once);
  }
}
