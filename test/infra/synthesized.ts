/** The app's templates, synthesized in this process for the tests of the infrastructure. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { CloudAssembly, type CloudFormationStackArtifact } from 'aws-cdk-lib/cx-api';
import type { z } from 'zod';
import type { HoldfastConfig, holdfastConfig } from '../../infra/config.ts';
import { KEPT_SYNTHESES_ENV } from './kept-syntheses.ts';

export const REPOSITORY = path.resolve(import.meta.dirname, '../..');

type ConfigInput = z.input<typeof holdfastConfig>;

/** As on AWS: without an account, so that it is the credentials' own. */
export const AWS_CONFIG: ConfigInput = { fleets: { web: { allowPlainHttp: true } } };

/** As in the local cloud and a short-lived installation: HTTPS, nothing kept, the caller's own credentials. */
export const EPHEMERAL_CONFIG: ConfigInput = {
  region: 'eu-west-1',
  account: '111122223333',
  zones: ['a', 'b'],
  retention: 'ephemeral',
  credentials: 'cli',
  logRetentionDays: 7,
  store: { engine: 'redis', replicas: 1, snapshotRetentionDays: 0 },
  fleets: {
    shop: {
      port: 9090,
      certificateArn: 'arn:aws:acm:eu-west-1:111122223333:certificate/00000000-0000-4000-8000-000000000000',
      deploy: { deregistrationDelaySeconds: 47, pollSeconds: 2 },
    },
  },
};

/** With what a created installation can have more: a test of each part needs no synthesis of its own. */
export const EXTENDED_CONFIG: ConfigInput = {
  store: { databases: [0, 20] },
  incidents: { mitigations: { 're-login-page': 'auto', 'stop-deploy': 'observe' } },
  fleets: { web: { allowPlainHttp: true, incidents: { criticalActions: true } } },
};

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DependsOn?: readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

/** A resource and its stack. */
export interface FoundResource extends Resource {
  readonly stackName: string;
  readonly logicalId: string;
}

/** The same context as in a synthesis by the CLI. */
export const cdkContext = (): Record<string, unknown> =>
  (JSON.parse(readFileSync(path.join(REPOSITORY, 'cdk.json'), 'utf8')) as { context: Record<string, unknown> }).context;

/**
 * Without what no test reads and what takes more than half of a synthesis: CDK's own check of the templates, which only prints warnings
 * (cfn-lint and cdk-nag check them here), its tree of constructs, and where each construct was made.
 */
export const QUICK_APP = { builtinCloudFormationValidation: false, treeMetadata: false, stackTraces: false } as const;

/** Names of the stacks in the order of the app, which an assembly does not keep. */
const STACKS_FILE = 'stack-names.json';

/** Where each token was made, which no test reads, is a fifth of the time; what is wrong with a configuration is in the message. */
export function withoutTraces(build: () => void): void {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    build();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

async function synthesizeInto(folder: string, config: HoldfastConfig): Promise<string> {
  const [{ App, Stack }, { buildApp }] = await Promise.all([import('aws-cdk-lib'), import('../../infra/build-app.ts')]);
  const app = new App({ ...QUICK_APP, outdir: folder, context: cdkContext() });
  withoutTraces(() => {
    buildApp(app, config);
    app.synth();
  });
  writeFileSync(path.join(folder, STACKS_FILE), JSON.stringify(app.node.children.filter(Stack.isStack).map(({ stackName }) => stackName)));
  return folder;
}

export class SynthesizedApp {
  readonly folder: string;
  private readonly isKept: boolean;
  readonly stackNames: readonly string[];
  private readonly assembly: CloudAssembly;
  private readonly templates = new Map<string, Template>();
  private resourcesOfStacks: readonly FoundResource[] | undefined;

  private constructor(folder: string, isKept: boolean) {
    this.folder = folder;
    this.isKept = isKept;
    this.assembly = new CloudAssembly(folder);
    this.stackNames = JSON.parse(readFileSync(path.join(folder, STACKS_FILE), 'utf8')) as string[];
  }

  /**
   * Takes seconds, once per configuration and run: the files of a run share what is synthesized.
   * @param bundles whether the file has the functions' bundles, by `vi.unmock`
   */
  static async create(config: ConfigInput, { bundles = false } = {}): Promise<SynthesizedApp> {
    const { holdfastConfig } = await import('../../infra/config.ts');
    const complete = holdfastConfig.parse(config);
    const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-infra-'));
    const shared = process.env[KEPT_SYNTHESES_ENV];
    if (shared === undefined) return new SynthesizedApp(await synthesizeInto(folder, complete), false);
    // With its defaults: what is written in two ways is one configuration.
    const kept = path.join(shared, createHash('sha256').update(JSON.stringify({ complete, bundles })).digest('hex'));
    try {
      // The other worker can have been quicker: then its folder is in the way.
      if (!existsSync(kept)) await rename(await synthesizeInto(folder, complete), kept).catch(() => undefined);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    return new SynthesizedApp(kept, true);
  }

  async remove(): Promise<void> {
    if (!this.isKept) await rm(this.folder, { recursive: true, force: true });
  }

  private get stacks(): CloudFormationStackArtifact[] {
    return this.stackNames.map((name) => this.assembly.getStackByName(name));
  }

  /** Look-ups that the CLI would need before it could synthesize. */
  get missingContext(): readonly unknown[] {
    return this.assembly.manifest.missing ?? [];
  }

  /** Warnings of `cdk synth`, by stack. */
  get warnings(): Record<string, string[]> {
    const all = this.stacks.map(({ stackName, messages }): [string, string[]] => [
      stackName,
      messages.filter(({ level }) => level === 'warning').map(({ entry }) => String(entry.data)),
    ]);
    return Object.fromEntries(all.filter(([, warnings]) => warnings.length > 0));
  }

  /** Termination protection, by stack. */
  get terminationProtection(): Record<string, boolean> {
    return Object.fromEntries(this.stacks.map(({ stackName, terminationProtection }) => [stackName, terminationProtection ?? false]));
  }

  /** Names of the stacks that have to be deployed before one. */
  dependenciesOf(part: string): string[] {
    const stack = this.stacks.find(({ stackName }) => stackName === `holdfast-${part}`);
    const dependencies = new Set(stack?.dependencies.map(({ id }) => id));
    return this.stacks.filter(({ id }) => dependencies.has(id)).map(({ stackName }) => stackName);
  }

  /** Every resource of every stack. */
  get everything(): readonly FoundResource[] {
    this.resourcesOfStacks ??= this.stackNames.flatMap((stackName) =>
      Object.entries(this.templateOf(stackName).toJSON()['Resources'] as Record<string, Resource>).map(([logicalId, resource]) => ({
        ...resource,
        logicalId,
        stackName,
      })),
    );
    return this.resourcesOfStacks;
  }

  /** Roles that the CLI assumes to deploy. */
  get deployRoles(): string[] {
    return this.stacks.flatMap(({ assumeRoleArn }) => assumeRoleArn ?? []);
  }

  /** `network` or `web-web-tier`: a stack's name without the installation's. */
  template(part: string): Template {
    return this.templateOf(`holdfast-${part}`);
  }

  /** Every resource of `type` in every stack. Fails without any: a loop over nothing proves nothing. */
  resources(type: string): FoundResource[] {
    const found = this.everything.filter(({ Type }) => Type === type);
    if (found.length === 0) throw new Error(`no stack has a resource of type ${type}`);
    return found;
  }

  private templateOf(stackName: string): Template {
    const known = this.templates.get(stackName);
    if (known) return known;
    if (!this.stackNames.includes(stackName)) throw new Error(`there is no stack ${stackName} among ${this.stackNames.join(', ')}`);
    const stack = this.assembly.getStackByName(stackName);
    const template = Template.fromJSON(JSON.parse(readFileSync(stack.templateFullPath, 'utf8')) as object);
    this.templates.set(stackName, template);
    return template;
  }
}
