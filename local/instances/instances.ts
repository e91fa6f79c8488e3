/** The local cloud's machines: folders with processes, behind the interfaces of EC2 that the other services need. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { InstanceDirectory, Log, Now, TargetResolver } from '../ports.ts';
import { startControlServer } from './control-server.ts';
import { type BootResult, LocalMachine, type MachineDescription, type MachineFacts } from './local-machine.ts';
import { createPortPool } from './loopback-ports.ts';
import { type MachineFolder, makeMachineFolder } from './machine-folder.ts';
import { openPidFiles } from './pid-files.ts';
import type { CommandReply } from './supervisor.ts';

export interface InstancesOptions {
  /** Folder for everything: `<root>/<instance id>/` each, and `<root>/pids/`. Machines that an earlier run left are removed. */
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
  /** Longest that user data may run. @default 60000 */
  readonly bootTimeoutMs?: number;
  readonly now: Now;
  readonly log: Log;
}

export interface LaunchRequest {
  /** `i-` and 17 hex digits. @default a new one */
  readonly instanceId?: string;
  /** Base64 as EC2 has it, or a script's text; empty for none. */
  readonly userData: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly imageId: string;
  readonly instanceType: string;
  readonly availabilityZone: string;
  readonly name: string;
  /** More for this machine's environment, over agentEnvironment: the credentials of its role. */
  readonly environment?: Readonly<Record<string, string>>;
  /** @default '3.3.4000.0' */
  readonly agentVersion?: string;
}

/** A machine that was launched. */
export interface LaunchedInstance extends MachineFacts {
  /** Settles when the user data has ended; from then on the machine is online. Never rejects. */
  readonly booted: Promise<BootResult>;
}

export interface Instances extends InstanceDirectory, TargetResolver {
  /** Starts a machine; resolves as soon as it exists, while its user data still runs. */
  launch(request: LaunchRequest): Promise<LaunchedInstance>;
  /** Stops everything on it and removes its folder. An unknown one is gone already. */
  terminate(instanceId: string): Promise<void>;
  /** SIGKILL to the machine's services, as a crash; false when none runs. */
  kill(instanceId: string): boolean;
  /** The SSM agent stops answering; the services go on. */
  killAgent(instanceId: string): void;
  reviveAgent(instanceId: string): void;
  setAgentVersion(instanceId: string, version: string): void;
  /** One systemctl call on the machine. */
  systemctl(instanceId: string, ...args: string[]): Promise<CommandReply>;
  describe(): readonly MachineDescription[];
  /** Ends every machine, process and socket. Idempotent. */
  stopAll(): Promise<void>;
  readonly notEmulated: readonly string[];
}

export const DEFAULT_AGENT_VERSION = '3.3.4000.0';

const NOT_EMULATED = [
  'Machines share the host: user data runs as the user who started the local cloud, in a folder of its own but without a container.',
  'Packages are not installed: dnf reports them as present, and a release starts what the host has.',
  'Commands that need root (useradd, chown and the like) are noted in var/log/skipped-commands.log and do nothing; services run as one user, and unit hardening is ignored.',
  'Every port of a machine leads to the one port that its application got on the loopback; security groups are not looked at.',
  'systemd: simple services with ExecStartPre, environment files, Restart, time-outs and start limits; no timers, sockets, dependencies or journal.',
  'A machine gets the session of its role once, through its environment, not from an instance metadata service; it does not expire.',
  'A stopped machine cannot be started again.',
] as const;

export const newInstanceId = (): string => `i-${randomBytes(9).toString('hex').slice(0, 17)}`;

/** User data as text: EC2 APIs carry it in base64, people write it as a script. */
export function decodeUserData(userData: string): string {
  const trimmed = userData.trim();
  if (trimmed === '' || trimmed.startsWith('#!')) return trimmed === '' ? '' : userData;
  return Buffer.from(trimmed, 'base64').toString('utf8');
}

/** The real Python behind whatever version manager is first in the PATH. */
async function findPython(path: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('python3', ['-c', 'import sys; print(sys.executable)'], {
      env: { PATH: path },
      timeout: 20_000,
    });
    return stdout.trim();
  } catch (error) {
    throw new Error('python3 is needed to run local machines', { cause: error });
  }
}

/**
 * Makes the place where machines live and ends what a killed run left there.
 *
 * @throws Error when there is no python3
 */
export async function createInstances(options: InstancesOptions): Promise<Instances> {
  const { root, log } = options;
  const hostPath = options.hostPath ?? process.env['PATH'] ?? '/usr/bin:/bin';
  await mkdir(root, { recursive: true });
  const pids = await openPidFiles(join(root, 'pids'));
  for (const name of await readdir(root)) {
    if (/^i-[0-9a-f]{17}$/.test(name)) await rm(join(root, name), { recursive: true, force: true });
  }
  const python = await findPython(hostPath);
  const control = await startControlServer();
  const ports = createPortPool();
  const machines = new Map<string, LocalMachine>();
  const secrets = new Map<string, string>();
  let addresses = 0;
  let stopped = false;

  const nextIp = (): string => {
    addresses += 1;
    return `10.0.${Math.floor(addresses / 250) % 250}.${(addresses % 250) + 4}`;
  };

  const environmentOf = (folder: string, port: number, request: LaunchRequest): Record<string, string> => ({
    PATH: `${join(folder, 'bin')}:${hostPath}`,
    HOME: folder,
    TMPDIR: join(folder, 'tmp'),
    LANG: 'C.UTF-8',
    HOLDFAST_ROOT: join(folder, 'opt/holdfast'),
    HOLDFAST_LOCAL_PORT: String(port),
    ...(options.caFile === undefined ? {} : { HOLDFAST_LOCAL_CA: options.caFile }),
    AWS_REGION: options.region,
    ...options.agentEnvironment,
    ...request.environment,
  });

  /** The machine itself, once its folder is there. */
  const machineIn = (folder: MachineFolder, instanceId: string, port: number, request: LaunchRequest): LocalMachine => {
    const { name, imageId, instanceType, availabilityZone } = request;
    const privateIp = nextIp();
    const tags = { ...request.tags };
    return new LocalMachine({
      facts: { instanceId, privateIp, port, name, imageId, instanceType, availabilityZone, tags, launchedAtMs: options.now() },
      folder,
      environment: environmentOf(folder.path, port, request),
      agentVersion: request.agentVersion ?? DEFAULT_AGENT_VERSION,
      bootTimeoutMs: options.bootTimeoutMs ?? 60_000,
      pids,
      log,
    });
  };

  const launch = async (request: LaunchRequest): Promise<LaunchedInstance> => {
    const instanceId = request.instanceId ?? newInstanceId();
    if (!/^i-[0-9a-f]{17}$/.test(instanceId) || machines.has(instanceId)) throw new Error(`instance id ${instanceId} cannot be used`);
    const path = join(root, instanceId);
    const port = await ports.take();
    const secret = control.admit((args) => machines.get(instanceId)?.supervisor.systemctl(args) ?? Promise.resolve({ code: 1 }));
    try {
      const folder = await makeMachineFolder(path, options.nodeBinary, python, `${control.port}\n${secret}\n`);
      if (stopped) throw new Error(`${instanceId} was not launched: the machines are being stopped`);
      const machine = machineIn(folder, instanceId, port, request);
      machines.set(instanceId, machine);
      secrets.set(instanceId, secret);
      machine.boot(decodeUserData(request.userData));
      log(`${instanceId} launched on port ${port}`);
      return { ...machine.facts, booted: machine.booted };
    } catch (error) {
      control.dismiss(secret);
      ports.give(port);
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
    if (machines.delete(instanceId)) ports.give(machine.facts.port);
    log(`${instanceId} terminated`);
  };

  const known = (instanceId: string): LocalMachine => {
    const machine = machines.get(instanceId);
    if (machine === undefined) throw new Error(`no machine ${instanceId}`);
    return machine;
  };

  return {
    launch,
    terminate,
    kill: (instanceId) =>
      [...(machines.get(instanceId)?.supervisor.services().values() ?? [])].map((service) => service.kill()).includes(true),
    killAgent(instanceId) {
      known(instanceId).agentAlive = false;
    },
    reviveAgent(instanceId) {
      known(instanceId).agentAlive = true;
    },
    setAgentVersion(instanceId, version) {
      known(instanceId).agentVersion = version;
    },
    systemctl: (instanceId, ...args) => known(instanceId).supervisor.systemctl(args),
    get: (instanceId) => machines.get(instanceId)?.asManagedInstance(),
    list: () => [...machines.values()].map((machine) => machine.asManagedInstance()),
    resolve(targetId) {
      const machine = machines.get(targetId) ?? [...machines.values()].find((each) => each.facts.privateIp === targetId);
      return machine === undefined ? undefined : { host: '127.0.0.1', port: machine.facts.port };
    },
    describe: () => [...machines.values()].map((machine) => machine.describe()),
    async stopAll() {
      stopped = true;
      await Promise.all([...machines.keys()].map(terminate));
      await pids.settled();
      await control.close();
    },
    notEmulated: NOT_EMULATED,
  };
}
