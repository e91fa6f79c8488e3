/** Where the rehearsal runs: an empty local cloud, or the account of the environment's credentials. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { CLIENT_OPTIONS } from '../../functions/shared/aws/client-options.ts';
import { LOCAL_REGION } from '../demo/local-settings.ts';
import { REPOSITORY } from '../processes/run-cdk.ts';

const EXAMPLES = path.join(REPOSITORY, 'examples/first-day');
/** In the order of the page: what is deployed, and the same without protection. */
const CONFIGS = { CONFIG: 'holdfast.config.json', LAST_CONFIG: 'back-to-nothing.config.json' } as const;

export interface Place {
  readonly local: boolean;
  /** For people: `the local cloud` or `AWS, eu-west-1`. */
  readonly title: string;
  readonly account: string;
  /** Values of the page's variables. */
  readonly variables: Readonly<Record<string, string>>;
  /** Environment of every command. */
  readonly env: Readonly<Record<string, string>>;
  /** Options of the SDK's clients. */
  readonly client: object;
  /** Where the load balancer with this DNS name answers. */
  urlOf(dnsName: string): Promise<string>;
  close(): Promise<void>;
}

/** The local cloud without any stack, with AWS's own times. */
export async function localPlace(folder: string, searchPath: string, signal: AbortSignal): Promise<Place> {
  const { startDaemon } = await import('../demo/daemon-client.ts');
  const { untilListening } = await import('../demo/wait-until-serving.ts');
  const choice = { fleet: 'web', realTime: true, server: {} };
  const daemon = await startDaemon({ ...choice, gatewayPort: 0, pagePort: 0, loadBalancerPort: 0 }, signal);
  const { state } = daemon;
  return {
    local: true,
    title: 'the local cloud',
    account: state.account,
    variables: variablesOf(folder, LOCAL_REGION, state.account),
    env: {
      ...plainEnvironment(folder, searchPath),
      AWS_ENDPOINT_URL: state.gatewayUrl,
      AWS_SHARED_CREDENTIALS_FILE: state.credentialsFile,
      AWS_REGION: LOCAL_REGION,
      AWS_DEFAULT_REGION: LOCAL_REGION,
      HOLDFAST_STATE_FOLDER: process.env['HOLDFAST_STATE_FOLDER'] as string,
    },
    client: { ...CLIENT_OPTIONS, region: LOCAL_REGION, endpoint: state.gatewayUrl, credentials: state.credentials },
    urlOf: () => untilListening(signal),
    close: () => daemon.stop(),
  };
}

/** @throws Error when the credentials are missing or no longer valid */
export async function awsPlace(folder: string, searchPath: string, region: string): Promise<Place> {
  const sts = new STSClient({ ...CLIENT_OPTIONS, region });
  const { Account: account } = await sts.send(new GetCallerIdentityCommand({})).finally(() => sts.destroy());
  if (account === undefined) throw new Error('AWS did not say which account the credentials belong to. Nothing was started.');
  const own = Object.entries(process.env).filter(([name]) => name.startsWith('AWS_') && !name.startsWith('AWS_ENDPOINT_URL'));
  return {
    local: false,
    title: `AWS, ${region}`,
    account,
    variables: variablesOf(folder, region, account),
    env: {
      ...plainEnvironment(folder, searchPath),
      ...(Object.fromEntries(own) as Record<string, string>),
      // Profiles and single sign-on are read from the user's own folder.
      ...(process.env['HOME'] && { HOME: process.env['HOME'] }),
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
    },
    client: { ...CLIENT_OPTIONS, region },
    urlOf: async (dnsName) => `http://${dnsName}`,
    close: async () => {},
  };
}

/** The environment of every command, with nothing of the user's own. */
export function plainEnvironment(folder: string, searchPath: string): Record<string, string> {
  const home = path.join(folder, 'home');
  mkdirSync(home, { recursive: true });
  return {
    PATH: searchPath,
    HOME: home,
    TMPDIR: home,
    CDK_DISABLE_CLI_TELEMETRY: '1',
    AWS_PAGER: '',
    LANG: 'C.UTF-8',
    NODE_OPTIONS: '--disable-warning=ExperimentalWarning',
  };
}

/** The page's configuration files, in the Region of the rehearsal. */
function variablesOf(folder: string, region: string, account: string): Record<string, string> {
  const files = Object.entries(CONFIGS).map(([variable, file]) => {
    const copy = path.join(folder, file);
    cpSync(path.join(EXAMPLES, file), copy);
    const config = JSON.parse(readFileSync(copy, 'utf8')) as object;
    writeFileSync(copy, JSON.stringify({ ...config, region }, null, 2));
    return [variable, copy];
  });
  return { ...Object.fromEntries(files), REGION: region, ACCOUNT: account, RELEASES: path.join(folder, 'releases') };
}
