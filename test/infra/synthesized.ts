/** The app's templates, synthesized in this process for the tests of the infrastructure. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import type { z } from 'zod';
import { buildApp } from '../../infra/build-app.ts';
import { holdfastConfig } from '../../infra/config.ts';

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

export class SynthesizedApp {
  readonly folder: string;
  private readonly stacks: readonly Stack[];
  private readonly assembly: CloudAssembly;

  private constructor(folder: string, stacks: readonly Stack[], assembly: CloudAssembly) {
    this.folder = folder;
    this.stacks = stacks;
    this.assembly = assembly;
  }

  static async create(config: ConfigInput): Promise<SynthesizedApp> {
    const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-infra-'));
    const app = new App({ outdir: folder, context: cdkContext() });
    buildApp(app, holdfastConfig.parse(config));
    return new SynthesizedApp(folder, app.node.children.filter(Stack.isStack), app.synth());
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  get stackNames(): string[] {
    return this.stacks.map(({ stackName }) => stackName);
  }

  /** Look-ups that the CLI would need before it could synthesize. */
  get missingContext(): readonly unknown[] {
    return this.assembly.manifest.missing ?? [];
  }

  /** Warnings of `cdk synth`, by stack. */
  get warnings(): Record<string, string[]> {
    const all = this.assembly.stacks.map(({ stackName, messages }): [string, string[]] => [
      stackName,
      messages.filter(({ level }) => level === 'warning').map(({ entry }) => String(entry.data)),
    ]);
    return Object.fromEntries(all.filter(([, warnings]) => warnings.length > 0));
  }

  /** Termination protection, by stack. */
  get terminationProtection(): Record<string, boolean> {
    return Object.fromEntries(
      this.assembly.stacks.map(({ stackName, terminationProtection }) => [stackName, terminationProtection ?? false]),
    );
  }

  /** Names of the stacks that have to be deployed before one. */
  dependenciesOf(part: string): string[] {
    const stack = this.stacks.find(({ stackName }) => stackName === `holdfast-${part}`);
    return stack?.dependencies.map(({ stackName }) => stackName) ?? [];
  }

  /** Every resource of every stack. */
  get everything(): FoundResource[] {
    return this.stacks.flatMap((stack) =>
      Object.entries(Template.fromStack(stack).toJSON()['Resources'] as Record<string, Resource>).map(([logicalId, resource]) => ({
        ...resource,
        logicalId,
        stackName: stack.stackName,
      })),
    );
  }

  /** Roles that the CLI assumes to deploy. */
  get deployRoles(): string[] {
    return this.assembly.stacks.flatMap(({ assumeRoleArn }) => assumeRoleArn ?? []);
  }

  /** `network` or `web-web-tier`: a stack's name without the installation's. */
  template(part: string): Template {
    const stack = this.stacks.find(({ stackName }) => stackName === `holdfast-${part}`);
    if (!stack) throw new Error(`there is no stack holdfast-${part} among ${this.stackNames.join(', ')}`);
    return Template.fromStack(stack);
  }

  /** Every resource of `type` in every stack. Fails without any: a loop over nothing proves nothing. */
  resources(type: string): FoundResource[] {
    const found = this.stacks.flatMap((stack) =>
      Object.entries(Template.fromStack(stack).findResources(type)).map(
        ([logicalId, resource]) => ({ ...resource, logicalId, stackName: stack.stackName }) as FoundResource,
      ),
    );
    if (found.length === 0) throw new Error(`no stack has a resource of type ${type}`);
    return found;
  }
}
