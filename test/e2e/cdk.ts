/** The CDK app deployed once more into the kept cloud: changed, or a second installation next to the first. */
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CloudFormationClient, DescribeStacksCommand, ListStackResourcesCommand, ListStacksCommand } from '@aws-sdk/client-cloudformation';
import { type HoldfastConfig, readConfig } from '../../infra/config.ts';
import { type CdkOptions, deployStacks, destroyStacks, synthesize } from '../../lab/demo/deploy-stacks.ts';
import { joinLedger } from '../../lab/processes/process-ledger.ts';
import { readSetup } from '../../setup/read-setup.mjs';
import { notingRefusals } from './deliberate-denials.ts';
import { kept } from './fleet.ts';

const REPOSITORY = path.resolve(import.meta.dirname, '../..');

export const cloudFormation = new CloudFormationClient({ region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials });

/** The configuration that the kept cloud was deployed with. */
export const keptConfig = (): HoldfastConfig => readConfig(path.join(kept.runFolder, 'holdfast.config.json'));

/** Commands of the CDK for one configuration; everything that they write lies in `name` of the run's folder. */
export function cdkFor(name: string, config: HoldfastConfig, app?: string) {
  const folder = path.join(kept.runFolder, 'cdk', name);
  mkdirSync(folder, { recursive: true });
  const options: CdkOptions = {
    ledger: joinLedger(kept.runFolder),
    folder,
    node: readSetup().node,
    cloud: kept,
    config,
    signal: new AbortController().signal,
    ...(app && { app }),
  };
  /** Deploys the assembly as it is; gives the CLI's output. */
  async function deployAgain(stacks?: readonly string[]): Promise<string> {
    await deployStacks(options, stacks);
    return readFileSync(path.join(folder, 'cdk-deploy.log'), 'utf8');
  }
  return {
    synthesize: () => synthesize(options),
    deployAgain,
    async deploy(stacks?: readonly string[]): Promise<string> {
      await synthesize(options);
      return deployAgain(stacks);
    },
    destroy: (stacks?: readonly string[]) => notingRefusals(config.installation, () => destroyStacks(options, stacks)),
  };
}

/** A copy of the app whose functions and documents differ by what `edits` replace; gives its folder. */
export function changedApp(name: string, edits: Readonly<Record<string, readonly [from: string, to: string]>>): string {
  const folder = path.join(kept.runFolder, 'apps', name);
  for (const part of ['advisor', 'infra', 'functions', 'server', 'package.json', 'tsconfig.json']) {
    cpSync(path.join(REPOSITORY, part), path.join(folder, part), { recursive: true });
  }
  // The checkout is set up.
  const cdkJson = readFileSync(path.join(REPOSITORY, 'cdk.json'), 'utf8');
  const node = `${readSetup().node} --disable-warning=ExperimentalWarning`;
  writeFileSync(path.join(folder, 'cdk.json'), cdkJson.replace('node setup/run.mjs', node));
  symlinkSync(path.join(REPOSITORY, 'node_modules'), path.join(folder, 'node_modules'));
  for (const [file, [from, to]] of Object.entries(edits)) {
    const text = readFileSync(path.join(folder, file), 'utf8');
    if (!text.includes(from)) throw new Error(`${file} has no ${JSON.stringify(from)} to be changed`);
    writeFileSync(path.join(folder, file), text.replace(from, to));
  }
  return folder;
}

/** Names of the stacks that exist. */
export async function stackNames(): Promise<string[]> {
  const { StackSummaries = [] } = await cloudFormation.send(new ListStacksCommand({}));
  return StackSummaries.filter(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE')
    .map(({ StackName }) => StackName as string)
    .toSorted();
}

/** By stack: when it was changed last. */
export async function lastChanges(): Promise<Record<string, number>> {
  const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({}));
  return Object.fromEntries(
    Stacks.map(({ StackName, CreationTime, LastUpdatedTime }) => [StackName, (LastUpdatedTime ?? CreationTime)?.getTime() ?? 0]),
  );
}

/** Physical ids of a stack's resources of some types, by logical id. */
export async function physicalIds(stackName: string, types: readonly string[]): Promise<Record<string, string>> {
  const { StackResourceSummaries = [] } = await cloudFormation.send(new ListStackResourcesCommand({ StackName: stackName }));
  return Object.fromEntries(
    StackResourceSummaries.filter(({ ResourceType }) => types.includes(ResourceType ?? '')).map((resource) => [
      resource.LogicalResourceId,
      resource.PhysicalResourceId,
    ]),
  );
}
