/** The local cloud's machines: folders with processes, behind the interfaces of EC2 that the other services need. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { freePorts, releasePort } from '../../processes/free-port.ts';
import type { GroupOptions } from '../../processes/process-group.ts';
import type { InstanceDirectory, Log, Now, RegisterAgent, TargetResolver } from '../interfaces.ts';
import type { CommandReply } from './command-reply.ts';
import { startControlServer } from './control-server.ts';
import { type BootResult, LocalMachine, type MachineDescription, type MachineFacts } from './local-machine.ts';
import { createMachineDirectory } from './machine-directory.ts';
import { findPython, type MachineFolder, makeMachineFolder } from './machine-folder.ts';
import { dnf, type PackageManagerOptions } from './package-manager.ts';
import { registerAgent } from './register-agent.ts';
import { CONTROL_VARIABLE } from './service-environment.ts';

export interface InstancesOptions {
  /** Folder for everything: `<root>/<instance id>/` each. Folders that an earlier run left are removed. */
  readonly root: string;
  /** The Node that a machine runs. */
  readonly nodeBinary: string;
  readonly region: string;
  /** What every machine has in its environment: AWS_ENDPOINT_URL. */
  readonly agentEnvironment: Readonly<Record<string, string>>;
  /** PEM file that machines trust; HOLDFAST_LOCAL_CA there. */
  readonly caFile?: string;
  /** The host's PATH, for the programs that releases start. @default the process's */
  readonly hostPath?: string;
  /** What dnf does. @default it takes two seconds per package */
  readonly packages?: Partial<PackageManagerOptions>;
  /** Maximum run time of user data, which EC2 does not limit. @default 1200000 */
  readonly bootTimeoutMs?: number;
  /** Systems Manager's side of a machine on premises. @default no machine can be registered */
  readonly register?: RegisterAgent;
  /** Where the machines' processes are entered. @default nowhere */
  readonly ledger?: GroupOptions['ledger'];
  readonly now: Now;
  readonly log: Log;
}

export interface LaunchRequest extends Omit<MachineFacts, 'instanceId' | 'privateIp' | 'port' | 'statusPort' | 'launchedAtMs'> {
  /** `i-` and 17 hex digits; `m-` and as many for a machine on premises. @default a new EC2 instance */
  readonly instanceId?: string;
  /** @default the next free one of 10.0.0.0/16 */
  readonly privateIp?: string;
  /** Base64 as EC2 has it, or a script's text; empty for none. */
  readonly userData: string;
  /** More for this machine's environment, over agentEnvironment: the credentials of its role. */
  readonly environment?: Readonly<Record<string, string>>;
  /** @default '3.3.4000.0' */
  readonly agentVersion?: string;
  /** Systems Manager knows it. @default true */
  readonly hasAgent?: boolean;
}

/** A machine that was launched. */
export interface LaunchedInstance extends MachineFacts {
  /** Settles when the user data has ended; the agent is online long before, as on AWS. Never rejects. */
  readonly booted: Promise<BootResult>;
}

export interface Instances extends InstanceDirectory, TargetResolver {
  /** Starts a machine; resolves as soon as it exists, while its user data still runs. */
  launch(request: LaunchRequest): Promise<LaunchedInstance>;
  /** Stops everything on it and removes its folder. An unknown one is gone already. */
  terminate(instanceId: string): Promise<void>;
  /** SIGKILL to the machine's services, as a crash; false when none runs. */
  kill(instanceId: string): boolean;
  /** Services end, and those that are enabled start. User data, which runs at the first boot only, does not. */
  reboot(instanceId: string): Promise<void>;
  /** The SSM agent stops answering; the services go on. */
  killAgent(instanceId: string): void;
  reviveAgent(instanceId: string): void;
  setAgentVersion(instanceId: string, version: string): void;
  /** An EC2 instance's tags from now on. */
  retag(instanceId: string, tags: Readonly<Record<string, string>>): void;
  /** One systemctl call on the machine. */
  systemctl(instanceId: string, ...args: string[]): Promise<CommandReply>;
  describe(): readonly MachineDescription[];
  /** Ends every machine, process and socket. Idempotent. */
  stopAll(): Promise<void>;
}

const DEFAULT_PACKAGE_MS = 2_000;
const BEFORE_REBOOT_MS = 500;
export const DEFAULT_AGENT_VERSION = '3.3.4000.0';
const MACHINE_ID = /^(i|m)-[0-9a-f]{17}$/;

type Ports = Pick<MachineFacts, 'port' | 'statusPort'>;

/** Digits of a new machine's id. */
export const newMachineDigits = (): string => randomBytes(9).toString('hex').slice(0, 17);

/**
 * Makes the place where machines live.
 *
 * @throws Error when there is no python3
 */
export async function createInstances(options: InstancesOptions): Promise<Instances> {
  const { root, log } = options;
  const hostPath = options.hostPath ?? process.env['PATH'] ?? '/usr/bin:/bin';
  await mkdir(root, { recursive: true });
  for (const name of await readdir(root)) {
    if (MACHINE_ID.test(name)) await rm(join(root, name), { recursive: true, force: true });
  }
  const python = await findPython(hostPath);
  const control = await startControlServer();
  const packages: PackageManagerOptions = { packageMs: DEFAULT_PACKAGE_MS, ...options.packages };
  const directory = createMachineDirectory();
  const { machines, need } = directory;
  const secrets = new Map<string, string>();
  let stopped = false;

  const environmentOf = (
    folder: string,
    ports: Ports,
    secret: string,
    request: LaunchRequest & { privateIp: string },
  ): Record<string, string> => ({
    PATH: `${join(folder, 'bin')}:${hostPath}`,
    HOME: folder,
    TMPDIR: join(folder, 'tmp'),
    LANG: 'C.UTF-8',
    HOLDFAST_ROOT: join(folder, 'opt/holdfast'),
    HOLDFAST_LOCAL_PORT: String(ports.port),
    HOLDFAST_LOCAL_STATUS_PORT: String(ports.statusPort),
    HOLDFAST_LOCAL_INSTANCE_ID: basename(folder),
    HOLDFAST_LOCAL_MEMORY: join(folder, 'run/holdfast'),
    // The address that identifies this node of a fleet, because all of them are at the loopback address.
    HOLDFAST_LOCAL_ADDRESS: request.privateIp,
    // The security groups of a local machine are its loopback address.
    HOLDFAST_LOCAL_HOST: '127.0.0.1',
    // The secret is in no file: the application's process, which runs as the same user here, would find it there.
    [CONTROL_VARIABLE]: `${control.port} ${secret}`,
    ...(options.caFile === undefined ? {} : { HOLDFAST_LOCAL_CA: options.caFile }),
    AWS_REGION: options.region,
    ...options.agentEnvironment,
    ...request.environment,
  });

  /** The machine itself, once its folder exists. */
  const machineIn = (folder: MachineFolder, instanceId: string, ports: Ports, secret: string, request: LaunchRequest): LocalMachine => {
    const { name, imageId, instanceType, availabilityZone, subnetId, securityGroupIds, instanceProfile } = request;
    const privateIp = request.privateIp ?? directory.freeAddress();
    const tags = { ...request.tags };
    const seen = { name, imageId, instanceType, availabilityZone, subnetId, securityGroupIds, instanceProfile };
    return new LocalMachine({
      facts: { instanceId, privateIp, ...ports, ...seen, tags, launchedAtMs: options.now() },
      folder,
      environment: environmentOf(folder.path, ports, secret, { ...request, privateIp }),
      agentVersion: request.agentVersion ?? DEFAULT_AGENT_VERSION,
      bootTimeoutMs: options.bootTimeoutMs ?? 1_200_000,
      hasAgent: request.hasAgent ?? true,
      ledger: options.ledger,
      log,
    });
  };

  const launch = async (request: LaunchRequest): Promise<LaunchedInstance> => {
    const instanceId = request.instanceId ?? `i-${newMachineDigits()}`;
    if (!MACHINE_ID.test(instanceId) || machines.has(instanceId)) throw new Error(`instance id ${instanceId} cannot be used`);
    if (request.privateIp !== undefined && directory.resolve(request.privateIp, 0) !== undefined) {
      throw new Error(`another machine has the address ${request.privateIp}`);
    }
    const path = join(root, instanceId);
    const [port = 0, statusPort = 0] = await freePorts(2);
    const secret = control.admit(async ([program = '', ...args]) => {
      const machine = machines.get(instanceId);
      if (machine === undefined) return { code: 1 };
      if (program === 'amazon-ssm-agent') return registerAgent(machine, args, options.register);
      if (program === 'journalctl') return machine.supervisor.journalctl(args);
      if (program === 'systemctl' && args[0] === 'reboot') {
        // The call returns before the machine goes down.
        setTimeout(() => void machine.reboot(), BEFORE_REBOOT_MS);
        return { code: 0 };
      }
      return program === 'dnf' ? dnf(instanceId, args, packages) : machine.supervisor.systemctl(args);
    });
    try {
      const folder = await makeMachineFolder(path, options.nodeBinary, python);
      if (stopped) throw new Error(`${instanceId} was not launched: the machines are being stopped`);
      const machine = machineIn(folder, instanceId, { port, statusPort }, secret, request);
      machines.set(instanceId, machine);
      secrets.set(instanceId, secret);
      machine.boot(decodeUserData(request.userData));
      log(`${instanceId} launched on port ${port}`);
      return { ...machine.facts, booted: machine.booted };
    } catch (error) {
      control.dismiss(secret);
      for (const given of [port, statusPort]) releasePort(given);
      await rm(path, { recursive: true, force: true });
      throw error;
    }
  };

  const terminate = async (instanceId: string): Promise<void> => {
    const machine = machines.get(instanceId);
    if (machine === undefined) return;
    await machine.terminate();
    control.dismiss(secrets.get(instanceId) ?? '');
    secrets.delete(instanceId);
    if (machines.delete(instanceId)) for (const port of [machine.facts.port, machine.facts.statusPort]) releasePort(port);
    log(`${instanceId} terminated`);
  };

  return {
    launch,
    terminate,
    kill: (instanceId) =>
      [...(directory.find(instanceId)?.supervisor.services().values() ?? [])].map((service) => service.kill()).includes(true),
    reboot: (instanceId) => need(instanceId).reboot(),
    killAgent(instanceId) {
      need(instanceId).agentAlive = false;
    },
    reviveAgent(instanceId) {
      need(instanceId).agentAlive = true;
    },
    setAgentVersion(instanceId, version) {
      need(instanceId).agentVersion = version;
    },
    systemctl: (instanceId, ...args) => need(instanceId).supervisor.systemctl(args),
    retag(instanceId, tags) {
      need(instanceId).facts.tags = { ...tags };
    },
    get: directory.get,
    list: directory.list,
    resolve: directory.resolve,
    isOnPremises: directory.isOnPremises,
    zoneOf: directory.zoneOf,
    describe: () => [...machines.values()].map((machine) => machine.describe()),
    async stopAll() {
      stopped = true;
      await Promise.all([...machines.keys()].map(terminate));
      await control.close();
    },
  };
}

/** User data as text: EC2 APIs carry it in base64, people write it as a script. */
export function decodeUserData(userData: string): string {
  const trimmed = userData.trim();
  if (trimmed === '' || trimmed.startsWith('#!')) return trimmed === '' ? '' : userData;
  return Buffer.from(trimmed, 'base64').toString('utf8');
}
