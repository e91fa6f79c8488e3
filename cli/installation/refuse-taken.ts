/** Whether an installation's name is taken: CDK finds stacks by their names, and what it deploys replaces what is there. */
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DEFAULT_INSTALLATION, INSTALLATION_PATTERN, releasesStackName } from '../../functions/shared/naming.ts';
import { aboutResource, type Lookup, lookUp } from '../doctor/lookup.ts';
import { badInput } from '../failure.ts';
import { awsClientOptions } from '../proxy.ts';

/** Longer than a sign-in by a program takes. */
const LIMIT_MS = 20_000;

/** Stacks without resources: a first deployment that failed, or that nobody has confirmed. */
const EMPTY = ['REVIEW_IN_PROGRESS', 'ROLLBACK_COMPLETE', 'DELETE_COMPLETE'];

/** Whether a stack of this name has resources. CloudFormation has no error of its own for one that it does not know. */
export const readTaken = (cloudFormation: CloudFormationClient, StackName: string): Promise<Lookup<boolean>> =>
  lookUp(
    aboutResource('stack', StackName, 'cloudformation:DescribeStacks'),
    async () => {
      const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName })).catch((error: Error) => {
        if (error.name !== 'ValidationError') throw error;
        return { Stacks: [] };
      });
      return Stacks.some(({ StackStatus = '' }) => !EMPTY.includes(StackStatus));
    },
    LIMIT_MS,
  );

/** The same, by the caller's credentials. */
export async function takenInAccount(StackName: string, region: string): Promise<Lookup<boolean>> {
  const cloudFormation = new CloudFormationClient({ region, ...awsClientOptions(process.env) });
  try {
    return await readTaken(cloudFormation, StackName);
  } finally {
    cloudFormation.destroy();
  }
}

export interface NewInstallation {
  /** @default holdfast */
  readonly installation?: string | undefined;
  readonly region: string;
  /** Of another name, where one is at hand: the store that it watches. */
  readonly otherName?: string;
}

/**
 * @param isTaken whether the stack of this name has resources
 * @returns a sentence where that is not known
 * @throws CommandFailure InstallationExists
 */
export async function refuseTaken(
  { installation = DEFAULT_INSTALLATION, region, otherName = installation }: NewInstallation,
  isTaken: (StackName: string) => Promise<Lookup<boolean>>,
): Promise<readonly string[]> {
  const StackName = releasesStackName(installation);
  const taken = await isTaken(StackName);
  if (taken.state === 'unknown')
    return [
      `Whether ${region} has an installation ${installation} is not known, since ${taken.reason}: make sure that it has none, because "cdk deploy" would replace it. --installation writes another name.`,
    ];
  if (taken.state !== 'known' || !taken.value) return [];
  const other = new RegExp(INSTALLATION_PATTERN).test(otherName) && otherName !== installation ? otherName : 'NAME';
  throw badInput(
    'InstallationExists',
    `${region} has an installation ${installation} already (stack ${StackName}), which "cdk deploy" of this one would replace. Nothing was written. Use --installation ${other} to add one; change the other where its configuration is.`,
  );
}
