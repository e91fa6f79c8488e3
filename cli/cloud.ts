/**
 * Which cloud a command uses: the local one, or AWS when a Region is given. It never falls back from one to the other. What a command reads and
 * calls there it opens itself (open-stores.ts).
 */
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { CLIENT_OPTIONS } from '../functions/shared/aws/client-options.ts';
import { holdfast } from '../functions/shared/command-options.ts';
import { DEFAULT_INSTALLATION, STORE_PART } from '../functions/shared/naming.ts';
import { IS_PACKAGE } from '../infra/own-files.ts';
import { hasNoCredentials, noCredentialsIn } from './aws-errors.ts';
import { choosePlace, mustBeAccount, type Place } from './choose-place.ts';
import { type CloudState, readCloudState } from './cloud-state.ts';
import { badInput, CommandFailure, EXIT } from './failure.ts';
import { assertLocalAccount } from './local-account.ts';
import { awsClientOptions } from './proxy.ts';
import { requireRegion } from './require-region.ts';

export interface CloudOptions {
  readonly region?: string;
  readonly installation?: string;
  readonly fleet?: string;
  /** File of the configuration that leads a command of the package to its installation. */
  readonly config?: string;
}

/** Options of every SDK client of this cloud. */
export type ClientOptions = typeof CLIENT_OPTIONS & {
  readonly region: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
};

export interface Cloud {
  /** In the local cloud ports and certificates are substitutes. */
  readonly local: boolean;
  readonly account: string;
  readonly region: string;
  readonly installation: string;
  /** STORE_PART, which no fleet can be named, where a command works on an installation without fleets. */
  readonly fleet: string;
  /** Name of the credentials' identity, for records, which have 128 characters of it. */
  readonly caller: string;
  readonly client: ClientOptions;
  /** `account 000000000000 (local), us-east-1, fleet web`, with an installation of another name than the default: every command's first line. */
  readonly title: string;
  /** Options that make the AWS CLI use this cloud: a printed command without the local endpoint would go to AWS. */
  readonly awsOptions: string;
  /** Address of the local cloud's console. */
  readonly console?: string;
  /** Written before `aws`, so that it reads the local cloud's credentials; empty on AWS. */
  readonly awsEnvironment: string;
}

export const DEFAULT_FLEET = 'web';

/** @throws CommandFailure NoCloud, NotAws, NoCredentials; NotLocal */
export async function connect(options: CloudOptions): Promise<Cloud> {
  const place: Place = IS_PACKAGE ? choosePlace(options, process.env, process.cwd()) : options;
  if (place.region !== undefined) {
    const caller = await awsCaller(place.region);
    mustBeAccount(caller.account, place);
    return connectTo(place, place.region, caller);
  }
  const state = await requireLocalCloud();
  await assertLocalAccount(state);
  return connectTo(place, state.region, { account: state.account, caller: `local/${process.env['USER'] ?? 'user'}` }, state);
}

/** @throws CommandFailure NoCloud */
export async function requireLocalCloud(): Promise<CloudState> {
  const state = await readCloudState();
  if (state) return state;
  throw new CommandFailure(
    'NoCloud',
    IS_PACKAGE
      ? 'No local cloud is running in HOLDFAST_STATE_FOLDER. Nothing was called. Set it to the .holdfast folder of a checkout in which one is up; or unset it, or name a Region with --region, to use AWS.'
      : `No local cloud is running in this checkout. Start one with "${holdfast('up')}", or use AWS with --region.`,
    EXIT.noCloud,
  );
}

interface Caller {
  readonly account: string;
  readonly caller: string;
}

function connectTo(options: Pick<Place, 'installation' | 'fleet'>, region: string, { account, caller }: Caller, state?: CloudState): Cloud {
  const client: ClientOptions = {
    region,
    ...awsClientOptions(process.env),
    ...(state && { endpoint: state.gatewayUrl, credentials: localIdentity(state) }),
  };
  const installation = options.installation ?? state?.installation ?? DEFAULT_INSTALLATION;
  const fleet = options.fleet ?? state?.fleet ?? DEFAULT_FLEET;
  return {
    local: state !== undefined,
    account,
    region,
    installation,
    fleet,
    caller: caller.slice(0, 128),
    client,
    title: `account ${account}${state ? ' (local)' : ''}, ${region}, ${installation === DEFAULT_INSTALLATION ? '' : `installation ${installation}, `}${fleet === STORE_PART ? 'session store' : `fleet ${fleet}`}`,
    // A profile that is named keeps access keys of AWS in the environment from being sent to it.
    awsOptions: `${state ? `--profile default --endpoint-url ${state.gatewayUrl} ` : ''}--region ${region}`,
    ...(state && { console: state.pageUrl }),
    awsEnvironment: state ? `AWS_SHARED_CREDENTIALS_FILE='${state.credentialsFile}'` : '',
  };
}

/** The local account's root, or an identity of the local IAM, to try policies with. AWS access keys are never sent there. */
function localIdentity({ credentials }: CloudState): CloudState['credentials'] {
  const { HOLDFAST_LOCAL_ACCESS_KEY_ID: accessKeyId, HOLDFAST_LOCAL_SECRET_ACCESS_KEY: secretAccessKey } = process.env;
  return accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : credentials;
}

async function awsCaller(region: string): Promise<Caller> {
  const elsewhere = Object.keys(process.env).find((name) => name.startsWith('AWS_ENDPOINT_URL') && process.env[name]);
  if (elsewhere) {
    throw badInput(
      'NotAws',
      IS_PACKAGE
        ? `${elsewhere} is set to another endpoint than that of AWS. Nothing was called. Unset it. To use the local cloud of a checkout, set HOLDFAST_STATE_FOLDER to the checkout's .holdfast folder, and omit --region.`
        : `--region selects AWS, but ${elsewhere} is set to another endpoint. Nothing was called. Unset it, or omit --region to use the local cloud.`,
    );
  }
  await requireRegion(region);
  const sts = new STSClient({ region, ...awsClientOptions(process.env) });
  try {
    const identity = await sts.send(new GetCallerIdentityCommand({}));
    return { account: identity.Account as string, caller: identity.Arn?.split(':').at(-1) ?? 'unknown' };
  } catch (error) {
    if (!(error instanceof Error) || !hasNoCredentials(error)) throw error;
    const isLocalUp = (await readCloudState()) !== undefined;
    throw new CommandFailure('NoCredentials', noCredentialsIn(region, isLocalUp, process.env['AWS_PROFILE']), EXIT.noCloud, {
      cause: error,
    });
  } finally {
    sts.destroy();
  }
}
