/** One local machine: a folder, a supervisor and the processes of its services. */
import { closeSync, openSync } from 'node:fs';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type GroupOptions, startGroup, stopGroup } from '../../processes/process-group.ts';
import { within } from '../../processes/wait.ts';
import type { AgentRegistration, Log, ManagedInstance, RegisteredAgent } from '../interfaces.ts';
import type { MachineFolder } from './machine-folder.ts';
import { Supervisor } from './supervisor.ts';

export type MachineState = 'pending' | 'running' | 'shutting-down' | 'terminated';

/** How the user data ended: `exitCode` null when it was stopped. */
export interface BootResult {
  readonly exitCode: number | null;
  readonly milliseconds: number;
}

export interface MachineFacts {
  /** `i-…` of an EC2 instance, `m-…` of a machine on premises. */
  readonly instanceId: string;
  readonly privateIp: string;
  /** Loopback port of the machine's application. */
  readonly port: number;
  /** Loopback port of its listener for probes, if it has one. */
  readonly statusPort: number;
  readonly name: string;
  readonly imageId: string;
  readonly instanceType: string;
  readonly availabilityZone: string;
  readonly subnetId?: string | undefined;
  tags: Readonly<Record<string, string>>;
  readonly launchedAtMs: number;
  /** The groups that EC2's API shows; they filter nothing here. */
  readonly securityGroupIds?: readonly string[] | undefined;
  /** Name or ARN. */
  readonly instanceProfile?: string | undefined;
}

/** A machine as lists show it. */
export interface MachineDescription extends MachineFacts {
  readonly state: MachineState;
  readonly online: boolean;
  readonly agentVersion: string;
  readonly folder: string;
  /** Services and their states, by unit name. */
  readonly services: Readonly<Record<string, string>>;
}

export interface MachineOptions {
  readonly facts: MachineFacts;
  readonly folder: MachineFolder;
  readonly environment: Readonly<Record<string, string>>;
  readonly agentVersion: string;
  readonly bootTimeoutMs: number;
  readonly hasAgent: boolean;
  readonly ledger: GroupOptions['ledger'];
  readonly log: Log;
}

export class LocalMachine {
  readonly facts: MachineFacts;
  readonly supervisor: Supervisor;
  agentVersion: string;
  /** False while the agent is taken to be dead. */
  agentAlive: boolean;
  readonly #options: MachineOptions;
  /** What a machine on premises has once its agent was registered. */
  #registration: AgentRegistration | undefined;
  /** The session of the activation's role. */
  #session: Readonly<Record<string, string>> = {};
  #state: MachineState = 'pending';
  #rebooting = false;
  #reboots = 0;
  #boot: Promise<BootResult> | undefined;
  #stopBoot: (() => Promise<void>) | undefined;
  #terminated: Promise<void> | undefined;

  constructor(options: MachineOptions) {
    this.#options = options;
    this.facts = options.facts;
    this.agentVersion = options.agentVersion;
    this.agentAlive = options.hasAgent;
    const log: Log = (line) => options.log(`${options.facts.instanceId} ${line}`);
    const { unitFolder, logFolder } = options.folder;
    this.supervisor = new Supervisor({ unitFolder, logFolder, environment: options.environment, ledger: options.ledger, log });
  }

  get state(): MachineState {
    return this.#state;
  }

  get isEc2(): boolean {
    return this.facts.instanceId.startsWith('i-');
  }

  /** What Systems Manager knows it by; undefined while it does not. */
  get nodeId(): string | undefined {
    if (this.isEc2) return this.facts.instanceId;
    return this.#registration?.active ? this.#registration.nodeId : undefined;
  }

  get online(): boolean {
    return this.#state === 'running' && !this.#rebooting && this.agentAlive;
  }

  /** Settles when the user data has ended; never rejects. */
  get booted(): Promise<BootResult> {
    return this.#boot ?? Promise.resolve({ exitCode: null, milliseconds: 0 });
  }

  /** @param nodeId its own, which a machine on premises may not have yet */
  asManagedInstance(nodeId: string): ManagedInstance {
    const { folder, environment } = this.#options;
    const { agentVersion, online } = this;
    const registration = this.#registration;
    return {
      instanceId: nodeId,
      ipAddress: this.facts.privateIp,
      folder: folder.path,
      environment: { ...environment, ...this.#session },
      agentVersion,
      online,
      reboots: this.#reboots,
      tags: registration?.tags ?? this.facts.tags,
      ...(registration && { registration }),
    };
  }

  /**
   * Makes it a managed node. Its credentials go where the AWS CLI of root finds them, too.
   *
   * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/ssm-agent-technical-details.html
   */
  async enrol({ registration, environment, mayReport }: RegisteredAgent): Promise<void> {
    const folder = join(this.#options.folder.path, '.aws');
    const lines = Object.entries(environment).map(([name, value]) => `${name.toLowerCase()} = ${value}\n`);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(join(folder, 'credentials'), `[default]\n${lines.join('')}`, { mode: 0o600 });
    this.#session = environment;
    this.#registration = registration;
    this.agentAlive = mayReport;
  }

  describe(): MachineDescription {
    const services = Object.fromEntries([...this.supervisor.services()].map(([name, service]) => [name, service.state]));
    const { agentVersion, online, state } = this;
    return { ...this.facts, state, online, agentVersion, folder: this.#options.folder.path, services };
  }

  /** Runs the user data. The machine is up whatever it exits with, as on EC2. */
  boot(userData: string): void {
    this.#state = 'running';
    this.#boot = this.#runUserData(userData);
  }

  /** A user data that still runs is stopped, and does not run again. */
  async reboot(): Promise<void> {
    this.#rebooting = true;
    this.#reboots += 1;
    await this.#stopBoot?.();
    await this.#boot;
    await this.supervisor.reboot();
    this.#rebooting = false;
  }

  /** Ends every process and removes the folder. Idempotent. */
  terminate(): Promise<void> {
    this.#terminated ??= this.#shutDown();
    return this.#terminated;
  }

  async #shutDown(): Promise<void> {
    this.#state = 'shutting-down';
    await this.#stopBoot?.();
    await this.supervisor.stopAll();
    const boot = await this.#boot;
    const { bootLog, path } = this.#options.folder;
    // Why it never served is asked later.
    if (boot !== undefined && boot.exitCode !== 0) await copyFile(bootLog, `${path}-user-data.log`).catch(() => undefined);
    await rm(this.#options.folder.path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    this.#state = 'terminated';
  }

  async #runUserData(userData: string): Promise<BootResult> {
    const { folder, environment, bootTimeoutMs, ledger, log } = this.#options;
    const began = performance.now();
    if (userData === '') return { exitCode: 0, milliseconds: 0 };
    await writeFile(folder.userDataFile, userData, { mode: 0o700 });
    const output = openSync(folder.bootLog, 'a');
    const group = startGroup('bash', [folder.userDataFile], {
      name: `user data of ${this.facts.instanceId}`,
      ledger,
      cwd: folder.path,
      env: environment,
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    this.#stopBoot = () => stopGroup(group, 'SIGTERM', 2_000);
    if (!(await within(group.exited, bootTimeoutMs))) await stopGroup(group, 'SIGTERM', 2_000);
    const exit = await group.exited;
    const milliseconds = Math.round(performance.now() - began);
    log(`${this.facts.instanceId} user data ended with ${exit.code ?? exit.signal ?? exit.error} after ${milliseconds} ms`);
    return { exitCode: exit.code, milliseconds };
  }
}
