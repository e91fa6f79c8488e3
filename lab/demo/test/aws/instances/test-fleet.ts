/** Local machines and Systems Manager in a temporary folder, for tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createInstances, type Instances, type InstancesOptions, type LaunchRequest } from '#local-aws/instances/instances.ts';
import type { PackageManagerOptions } from '#local-aws/instances/package-manager.ts';
import type { CallContext, LocalService } from '#local-aws/service/service.ts';
import { createActivations } from '#local-aws/ssm/activations.ts';
import { createSsmService, type SsmOptions } from '#local-aws/ssm/service.ts';
import type { Archive } from '#local-aws/test/instances/fixture-release.ts';
import { documentContent } from '../../../../../server/documents/deploy-documents.ts';
import { fleetUserData } from '../../../../../server/user-data/user-data.ts';

export const CONTEXT: CallContext = { region: 'us-east-1', accountId: '000000000000', accessKeyId: 'test' };

const PREPARED = {
  port: 8080,
  storeHost: 'store.local',
  storePort: 6379,
  storeTls: true,
  storeUser: 'application',
  storeSecretArn: '',
  region: 'us-east-1',
  runtimePackages: ['nodejs24'],
};
/** User data of a server that Holdfast launches. */
export const USER_DATA = fleetUserData({
  ...PREPARED,
  placeholder: { installation: 'holdfast', fleetName: 'web', healthPath: '/healthz' },
});
/** User data of a server that existed before Holdfast. */
export const USER_DATA_WITHOUT_PLACEHOLDER = fleetUserData(PREPARED);

/** One-step Command document that runs these lines. */
export const scriptDocument = (lines: string[], inputs: object = {}, parameters: object = {}): string =>
  JSON.stringify({
    schemaVersion: '2.2',
    description: 'test',
    parameters,
    mainSteps: [{ action: 'aws:runShellScript', name: 'run', inputs: { runCommand: lines, ...inputs } }],
  });

export interface SentEvent {
  readonly detailType: string;
  readonly resources: readonly string[];
  readonly detail: Record<string, unknown>;
}

export interface Outcome {
  readonly Status: string;
  readonly StatusDetails: string;
  readonly ResponseCode: number;
  readonly StandardOutputContent: string;
  readonly StandardErrorContent: string;
  /** `PT1.250S`. */
  readonly ExecutionElapsedTime: string;
}

export interface TestFleet {
  readonly instances: Instances;
  readonly ssm: LocalService;
  readonly events: SentEvent[];
  readonly folder: string;
  /** Archives that aws:downloadContent finds, by URL. */
  readonly objects: Map<string, Buffer>;
  call<T = Record<string, unknown>>(operation: string, input: object): Promise<T>;
  launch(request?: Partial<LaunchRequest>): Promise<{ instanceId: string; port: number }>;
  /** Sends a command and follows it to the end. */
  run(instanceId: string, document: string, parameters: Record<string, string>, plugin?: string): Promise<Outcome>;
  /** install-release with its parameters; the JSON line. */
  install(instanceId: string, version: string, archive: Archive, more?: Record<string, string>): Promise<Record<string, string>>;
  wait(instanceId: string, commandId: string, plugin?: string): Promise<Outcome>;
  stop(): Promise<void>;
}

/** Credentials of the role that every machine on premises has. */
export const ROLE_ENVIRONMENT = { AWS_ACCESS_KEY_ID: 'ASIAROLE', AWS_SECRET_ACCESS_KEY: 'of the role', AWS_SESSION_TOKEN: 'session' };

/** An event reports each change of a command; one in the moment of a look is seen at the next. */
const LOOK_MS = 100;
const COMMAND_MS = 150_000;

/** The folder's name has a space and a quote on purpose. */
export async function startFleet(
  ssmOptions: Partial<SsmOptions> = {},
  mayReport = () => true,
  packages: Partial<PackageManagerOptions> = {},
  host: Partial<Pick<InstancesOptions, 'hostPath' | 'root'>> = {},
): Promise<TestFleet> {
  const folder = mkdtempSync(join(tmpdir(), "hold fast's-"));
  const events: SentEvent[] = [];
  const waiting: (() => void)[] = [];
  const objects = new Map<string, Buffer>();
  const log = (): void => undefined;
  const activations = createActivations(Date.now);
  const instances = await createInstances({
    root: join(folder, 'instances'),
    nodeBinary: process.execPath,
    region: CONTEXT.region,
    agentEnvironment: { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' },
    register: async (id, code) => ({
      registration: activations.register(id, code),
      environment: ROLE_ENVIRONMENT,
      mayReport: mayReport(),
    }),
    packages: { packageMs: 0, ...packages },
    ...host,
    now: Date.now,
    log,
  });
  const ssm = createSsmService({
    now: Date.now,
    region: CONTEXT.region,
    accountId: CONTEXT.accountId,
    instances,
    fetchObject: async (url) => {
      const below = [...objects].filter(([key]) => key.startsWith(`${url}/`));
      if (below.length > 0) return new Map(below.map(([key, content]) => [key.slice(url.length), content]));
      const found = objects.get(url);
      if (found === undefined) throw new Error(`${url}: 404 NoSuchKey`);
      return found;
    },
    activations,
    events: {
      async put({ detailType, resources, detail }) {
        events.push({ detailType, resources, detail });
        for (const look of waiting.splice(0)) look();
      },
    },
    log,
    deliveryMs: 0,
    visibleAfterMs: 0,
    ...ssmOptions,
  });
  const call = async <T>(operation: string, input: object): Promise<T> => {
    const run = ssm.operations[operation];
    if (run === undefined) throw new Error(`no operation ${operation}`);
    // Over the wire a reply is JSON.
    return JSON.parse(JSON.stringify(await run(input as Record<string, unknown>, CONTEXT))) as T;
  };
  for (const key of ['waitIdle', 'install', 'observe', 'stageAssets'] as const) {
    await call('CreateDocument', {
      Name: `test-${key}`,
      Content: JSON.stringify(documentContent(key, 'releases')),
      DocumentType: 'Command',
    });
  }

  const wait: TestFleet['wait'] = async (instanceId, commandId, plugin) => {
    const deadline = performance.now() + COMMAND_MS;
    const wanted = { CommandId: commandId, InstanceId: instanceId, ...(plugin ? { PluginName: plugin } : {}) };
    for (;;) {
      const outcome = await call<Outcome>('GetCommandInvocation', wanted);
      if (!['Pending', 'InProgress', 'Cancelling'].includes(outcome.Status)) return outcome;
      if (performance.now() > deadline) throw new Error(`the command has not ended within ${COMMAND_MS} ms`);
      await Promise.race([new Promise<void>((look) => void waiting.push(look)), sleep(LOOK_MS)]);
    }
  };
  const run: TestFleet['run'] = async (instanceId, document, parameters, plugin) => {
    const Parameters = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]]));
    const { Command } = await call<{ Command: { CommandId: string } }>('SendCommand', {
      DocumentName: document,
      InstanceIds: [instanceId],
      Parameters,
    });
    return wait(instanceId, Command.CommandId, plugin);
  };
  return {
    instances,
    ssm,
    events,
    folder,
    objects,
    call,
    run,
    wait,
    async launch(request = {}) {
      const base = {
        userData: USER_DATA,
        tags: {},
        imageId: 'ami-local',
        instanceType: 't4g.small',
        availabilityZone: 'us-east-1a',
        name: 'test',
      };
      const launched = await instances.launch({ ...base, ...request });
      await launched.booted;
      return { instanceId: launched.instanceId, port: launched.port };
    },
    async install(instanceId, version, archive, more = {}) {
      const releaseUrl = `https://releases.s3.us-east-1.amazonaws.com/web/${version.replaceAll('+', '@')}/release.tar.gz`;
      objects.set(releaseUrl, archive.bytes);
      const parameters = { fencingToken: '1', version, releaseUrl, sha256: archive.sha256, ...more };
      const outcome = await run(instanceId, 'test-install', parameters, 'install');
      const line = outcome.StandardOutputContent.trim();
      if (line === '') throw new Error(`no output: ${outcome.StandardErrorContent}`);
      return JSON.parse(line) as Record<string, string>;
    },
    async stop() {
      await ssm.stop();
      await instances.stopAll();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
