/** The service manager behind `systemctl` on one machine: its units and their services. */

import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { GroupOptions } from '../../processes/process-group.ts';
import type { Log } from '../interfaces.ts';
import { messageOf } from '../service/message-of.ts';
import type { CommandReply } from './command-reply.ts';
import { Journal } from './journal.ts';
import { journalctl } from './journalctl.ts';
import { ServiceProcess } from './service-process.ts';
import { showUnit } from './show-unit.ts';
import { parseUnit, type ServiceUnit } from './unit-file.ts';

export interface SupervisorOptions {
  /** Where unit files are linked: `etc/systemd/system` of the machine. */
  readonly unitFolder: string;
  readonly logFolder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly ledger: GroupOptions['ledger'];
  readonly log: Log;
}

/** A process's group, by the kernel; undefined for one that has ended. */
function groupOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The program's name, in parentheses, can have spaces.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]);
  } catch {
    return undefined;
  }
}

const fullName = (unit: string): string => (basename(unit).includes('.') ? basename(unit) : `${basename(unit)}.service`);

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #services = new Map<string, ServiceProcess>();
  readonly #enabled = new Set<string>();
  readonly #journals = new Map<string, Journal>();
  /** Jobs run one after the other, as systemd's queue does for one unit. */
  #queue: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** One call of systemctl. Never rejects. */
  async systemctl(args: readonly string[]): Promise<CommandReply> {
    const flags = args.filter((arg) => arg.startsWith('-'));
    const [verb = '', ...units] = args.filter((arg) => !arg.startsWith('-'));
    const quiet = flags.includes('--quiet') || flags.includes('-q');
    try {
      const reply = await this.#dispatch(verb, units, flags);
      return quiet ? { code: reply.code } : reply;
    } catch (error) {
      return { code: 1, stderr: `${messageOf(error)}\n` };
    }
  }

  /** One call of journalctl. */
  journalctl(args: readonly string[]): CommandReply {
    return journalctl(args, { find: (unit) => this.#journals.get(fullName(unit)), all: () => this.#journals.values() });
  }

  /** The services that run now, by unit name. */
  services(): ReadonlyMap<string, ServiceProcess> {
    return this.#services;
  }

  /** Everything ends, `/run` is empty, and what is enabled starts, all at once. */
  async reboot(): Promise<void> {
    const work = this.#queue.then(async () => {
      await Promise.all([...this.#services.values()].map((service) => service.stop()));
      this.#services.clear();
      const memory = this.#options.environment['HOLDFAST_LOCAL_MEMORY'];
      // A machine that Holdfast has not prepared has none.
      if (memory !== undefined && existsSync(memory))
        for (const name of readdirSync(memory)) rmSync(join(memory, name), { recursive: true });
      await Promise.all([...this.#enabled].map((name) => this.#start(name)));
    });
    this.#queue = work.catch(() => undefined);
    return work;
  }

  async stopAll(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#services.values()].map((service) => service.stop()));
    await this.#queue;
    // A start that was under way has ended by now, perhaps with a running service.
    await Promise.all([...this.#services.values()].map((service) => service.stop()));
  }

  async #dispatch(verb: string, units: readonly string[], flags: readonly string[]): Promise<CommandReply> {
    switch (verb) {
      case 'daemon-reload':
      case 'daemon-reexec':
        // A running service keeps the unit that it was started with until it is started again.
        for (const [name, service] of this.#services) if (service.state === 'inactive') this.#services.delete(name);
        return { code: 0 };
      case 'link':
        for (const path of units) this.#link(path);
        return { code: 0 };
      case 'enable':
        for (const unit of units) this.#enable(unit);
        return flags.includes('--now') ? this.#each(units, (name) => this.#start(name)) : { code: 0 };
      case 'disable':
        for (const unit of units) this.#enabled.delete(fullName(unit));
        return flags.includes('--now') ? this.#each(units, (name) => this.#stop(name)) : { code: 0 };
      case 'start':
        return this.#each(units, (name) => this.#start(name));
      case 'stop':
        return this.#each(units, (name) => this.#stop(name));
      case 'restart':
        return this.#each(units, async (name) => ((await this.#stop(name)).code === 0 ? this.#start(name) : { code: 1 }));
      case 'reset-failed':
        for (const service of this.#services.values()) service.reset();
        return { code: 0 };
      case 'is-active':
        return this.#isActive(units);
      case 'is-enabled':
        return units.every((unit) => this.#enabled.has(fullName(unit)))
          ? { code: 0, stdout: 'enabled\n' }
          : { code: 1, stdout: 'disabled\n' };
      case 'show':
        return { code: 0, stdout: this.#show(fullName(units[0] ?? ''), flags) };
      case 'status':
        return /^\d+$/.test(units[0] ?? '') ? this.#statusOf(Number(units[0])) : this.#status(fullName(units[0] ?? ''));
      default:
        return { code: 1, stderr: `Unknown command verb ${verb}: the local machine has no such systemctl command.\n` };
    }
  }

  async #each(units: readonly string[], job: (name: string) => Promise<CommandReply>): Promise<CommandReply> {
    if (units.length === 0) return { code: 1, stderr: 'Too few arguments.\n' };
    const work = this.#queue.then(async () => {
      for (const unit of units) {
        const reply = this.#closed ? { code: 1, stderr: 'The machine is going down.\n' } : await job(fullName(unit));
        if (reply.code !== 0) return reply;
      }
      return { code: 0 };
    });
    this.#queue = work.catch(() => undefined);
    return work;
  }

  #link(path: string): void {
    if (!existsSync(path)) throw new Error(`Failed to link unit: File ${path} does not exist`);
    const target = join(this.#options.unitFolder, basename(path));
    if (existsSync(target)) unlinkSync(target);
    symlinkSync(path, target);
  }

  #enable(unit: string): void {
    if (unit.startsWith('/')) this.#link(unit);
    if (!this.#exists(fullName(unit))) throw new Error(`Failed to enable unit: Unit file ${fullName(unit)} does not exist.`);
    this.#enabled.add(fullName(unit));
  }

  #exists(name: string): boolean {
    return existsSync(join(this.#options.unitFolder, name));
  }

  async #start(name: string): Promise<CommandReply> {
    if (!this.#exists(name)) return { code: 5, stderr: `Failed to start ${name}: Unit ${name} not found.\n` };
    let service = this.#services.get(name);
    if (service === undefined || (service.mainPid === 0 && !['activating', 'active'].includes(service.state))) {
      service = this.#load(name);
    }
    const reason = await service.start();
    return reason === undefined ? { code: 0 } : { code: 1, stderr: `Job for ${name} failed: ${reason}.\n` };
  }

  #load(name: string): ServiceProcess {
    const { logFolder, environment, ledger, log } = this.#options;
    const unit = this.#read(name);
    const journal = this.#journals.get(name) ?? new Journal(join(logFolder, `${name}.log`));
    this.#journals.set(name, journal);
    const startOthers = (): Promise<string | undefined> => this.#startOthers(unit);
    const service = new ServiceProcess({ name, unit, environment, startOthers, journal, ledger, log });
    this.#services.set(name, service);
    return service;
  }

  /**
   * Units that are no files here, such as targets, count as started when they are only wanted.
   *
   * @returns why the unit must not start
   */
  async #startOthers(unit: ServiceUnit): Promise<string | undefined> {
    for (const name of [...unit.requires, ...unit.wants]) {
      const required = unit.requires.includes(name);
      if (this.#closed) return 'the machine is going down';
      if (!required && !this.#exists(name)) continue;
      const started = this.#start(name).catch((): CommandReply => ({ code: 1 }));
      // Without After= systemd starts both at once, and notices a failure too late.
      const { code } = unit.after.includes(name) ? await started : { code: 0 };
      if (required && code !== 0) return `the dependency ${name} failed`;
    }
    return undefined;
  }

  async #stop(name: string): Promise<CommandReply> {
    if (!this.#exists(name)) return { code: 5, stderr: `Failed to stop ${name}: Unit ${name} not loaded.\n` };
    await this.#services.get(name)?.stop();
    return { code: 0 };
  }

  #isActive(units: readonly string[]): CommandReply {
    const states = units.map((unit) => this.#services.get(fullName(unit))?.state ?? 'inactive');
    return { code: states.includes('active') ? 0 : 3, stdout: `${states.join('\n')}\n` };
  }

  #show(name: string, flags: readonly string[]): string {
    const wanted = flags.flatMap((flag) => (flag.startsWith('--property=') ? flag.slice('--property='.length).split(',') : []));
    return showUnit(this.#exists(name) ? this.#read(name) : undefined, this.#services.get(name), wanted);
  }

  #read(name: string): ServiceUnit {
    return parseUnit(readFileSync(join(this.#options.unitFolder, name), 'utf8'));
  }

  /** Of the unit that a process belongs to: one of the group that its service started. */
  #statusOf(pid: number): CommandReply {
    const group = groupOf(pid);
    const name = [...this.#services].find(([, { mainPid }]) => mainPid !== 0 && mainPid === group)?.[0];
    if (name !== undefined) return this.#status(name);
    return { code: 1, stderr: `Failed to get unit for PID ${pid}: PID ${pid} does not belong to any loaded unit.\n` };
  }

  #status(name: string): CommandReply {
    if (!this.#exists(name)) return { code: 4, stderr: `Unit ${name} could not be found.\n` };
    const service = this.#services.get(name);
    const state = service?.state ?? 'inactive';
    const lines = [
      `${name}`,
      `   Active: ${state}`,
      ...(service?.mainPid ? [` Main PID: ${service.mainPid}`] : []),
      `   Result: ${service?.lastExit || 'none'}`,
    ];
    return { code: state === 'active' ? 0 : 3, stdout: `${lines.join('\n')}\n` };
  }
}
