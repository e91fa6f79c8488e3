/** Whether an installation's name is taken: CDK finds stacks by their names, and what it deploys replaces what is there. */
import { type CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DEFAULT_INSTALLATION, INSTALLATION_PATTERN, releasesStackName } from '../../../functions/shared/naming.ts';
import { CommandFailure, EXIT } from '../../failure.ts';
import { askAws } from './ask-aws.ts';

const ACTION = 'cloudformation:DescribeStacks';

/** Stacks without resources: a first deployment that failed, or that nobody has confirmed. */
const EMPTY = ['REVIEW_IN_PROGRESS', 'ROLLBACK_COMPLETE', 'DELETE_COMPLETE'];

interface NewInstallation {
  readonly installation?: string | undefined;
  readonly region: string;
  /** Id of the replication group that it would watch: a name for it. */
  readonly store: string;
}

/**
 * @returns a sentence where the credentials do not allow to find out
 * @throws CommandFailure InstallationExists
 */
export async function refuseTaken(
  cloudFormation: CloudFormationClient,
  { installation = DEFAULT_INSTALLATION, region, store }: NewInstallation,
): Promise<readonly string[]> {
  const StackName = releasesStackName(installation);
  const status = await statusOf(cloudFormation, StackName);
  if (status === 'denied')
    return [
      `Whether ${region} has an installation ${installation} is not known, since the credentials do not allow ${ACTION}: make sure that it has none, because "cdk deploy" would replace it. --installation writes another name.`,
    ];
  if (status === undefined || EMPTY.includes(status)) return [];
  const other = new RegExp(INSTALLATION_PATTERN).test(store) && store !== installation ? store : 'NAME';
  throw new CommandFailure(
    'InstallationExists',
    `${region} has an installation ${installation} already (stack ${StackName}), which "cdk deploy" of this one would replace. Nothing was written. Use --installation ${other} to add one; change the other where its configuration is.`,
    EXIT.badInput,
  );
}

/** Undefined where there is no such stack: CloudFormation has no error of its own for that. */
async function statusOf(cloudFormation: CloudFormationClient, StackName: string): Promise<string | undefined> {
  try {
    const { Stacks = [] } = await askAws(ACTION, () => cloudFormation.send(new DescribeStacksCommand({ StackName })));
    return Stacks[0]?.StackStatus;
  } catch (error) {
    if (error instanceof CommandFailure && error.code === 'NotAllowed') return 'denied';
    if ((error as Error).name === 'ValidationError') return undefined;
    throw error;
  }
}
