/**
 * Which cloud a command talks to: the local one when it is up, AWS only when a Region is given. It never falls back
 * from one to the other.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { CLIENT_OPTIONS } from '../functions/shared/client-options.ts';
import { dynamoRecords } from '../functions/shared/dynamo-records.ts';
import { DEFAULT_INSTALLATION, deployStateMachineName, recordsTableName, releasesBucketName } from '../functions/shared/naming.ts';
import type { Records } from '../functions/shared/records.ts';
import { readCloudState } from '../local/cloud-state.ts';
import { assertLocalAccount, LOCAL_CREDENTIALS } from '../local/local-account.ts';
import { CommandFailure, EXIT } from './failure.ts';

export interface CloudOptions {
  readonly region?: string;
  readonly installation?: string;
  readonly fleet?: string;
}

export interface Cloud {
  readonly local: boolean;
  readonly account: string;
  readonly region: string;
  readonly installation: string;
  readonly fleet: string;
  /** Who the credentials say we are; for records. */
  readonly caller: string;
  readonly records: Records;
  readonly stepFunctions: SFNClient;
  readonly s3: S3Client;
  readonly deployStateMachineArn: string;
  /** Name of the bucket that releases lie in. */
  readonly releasesBucket: string;
  /** `account 000000000000 (local), us-east-1, fleet web`: every command's first line. */
  readonly title: string;
}

export const DEFAULT_FLEET = 'web';

/** @throws CommandFailure NoCloud, NotLocal, NoCredentials */
export async function connect(options: CloudOptions): Promise<Cloud> {
  const state = options.region ? undefined : await readCloudState();
  if (!options.region && !state) {
    throw new CommandFailure(
      'NoCloud',
      'no local cloud is up in this checkout: start one with "npx holdfast up", or name a Region of AWS with --region',
      EXIT.noCloud,
    );
  }
  const region = options.region ?? (state?.region as string);
  const client = state
    ? { region, endpoint: state.gatewayUrl, credentials: LOCAL_CREDENTIALS, ...CLIENT_OPTIONS }
    : { region, ...CLIENT_OPTIONS };
  const { account, caller } = state ? await localCaller(state.gatewayUrl, region) : await awsCaller(region);
  const installation = options.installation ?? state?.installation ?? DEFAULT_INSTALLATION;
  const fleet = options.fleet ?? state?.fleet ?? DEFAULT_FLEET;
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient(client), { marshallOptions: { removeUndefinedValues: true } });
  return {
    local: state !== undefined,
    account,
    region,
    installation,
    fleet,
    caller,
    records: dynamoRecords(documents, recordsTableName(installation)),
    stepFunctions: new SFNClient(client),
    s3: new S3Client({ ...client, forcePathStyle: state !== undefined }),
    deployStateMachineArn: `arn:aws:states:${region}:${account}:stateMachine:${deployStateMachineName(installation, fleet)}`,
    releasesBucket: releasesBucketName(installation, account, region),
    title: `account ${account}${state ? ' (local)' : ''}, ${region}, fleet ${fleet}`,
  };
}

async function localCaller(gatewayUrl: string, region: string) {
  const account = await assertLocalAccount(gatewayUrl, region);
  return { account, caller: `local/${process.env['USER'] ?? 'user'}` };
}

async function awsCaller(region: string) {
  if (process.env['AWS_ENDPOINT_URL']) {
    throw new CommandFailure(
      'NotAws',
      '--region means AWS, but AWS_ENDPOINT_URL points elsewhere: unset it, or leave --region out for the local cloud',
      EXIT.badInput,
    );
  }
  try {
    const identity = await new STSClient({ region, ...CLIENT_OPTIONS }).send(new GetCallerIdentityCommand({}));
    return { account: identity.Account as string, caller: identity.Arn?.split(':').at(-1) ?? 'unknown' };
  } catch (error) {
    throw new CommandFailure(
      'NoCredentials',
      `AWS does not accept the credentials in use (${(error as Error).message}): sign in, for example with "aws sso login", and try again`,
      EXIT.noCloud,
      { cause: error },
    );
  }
}
