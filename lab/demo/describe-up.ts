/** What `holdfast up` and `npm start` print of the local cloud that is up. */
import { type CloudState, consoleLink, readCloudState } from '../../cli/cloud-state.ts';

export interface UpResult {
  /** What --json prints. */
  readonly value: { readonly local: object };
  /** What people read without --json. */
  readonly text: string;
}

interface UpDetails {
  readonly loadBalancerUrl: string;
  /** `Valkey 8.0.1` */
  readonly storeEngine: string;
  /** What ends the text: what to try, and how to stop it. */
  readonly last: string;
}

/**
 * The console of the local cloud that is up already, for people: the link has the console's token in it, which belongs in no error.
 * Undefined where none is up.
 */
export async function runningConsole(): Promise<string | undefined> {
  const state = await readCloudState();
  return state?.pageUrl ? `console  ${consoleLink(state)}` : undefined;
}

/** The path of the credentials, never the secret itself: a terminal's output is copied into reports. */
export function describeUp(title: string, state: CloudState, details: UpDetails): UpResult {
  const { loadBalancerUrl, storeEngine, last } = details;
  const { pid, pageUrl, gatewayUrl, credentialsFile, caFile, fleet } = state;
  const local = {
    pid,
    page: pageUrl,
    endpoint: gatewayUrl,
    credentialsFile,
    caFile,
    loadBalancer: loadBalancerUrl,
    fleet,
    storeEngine,
    retention: 'ephemeral',
  };
  const lines = [
    `${title} is up`,
    `  console        ${consoleLink(state)}`,
    `  load balancer  ${loadBalancerUrl}`,
    `  AWS endpoint   ${gatewayUrl}`,
    `  credentials    ${credentialsFile} (for AWS_SHARED_CREDENTIALS_FILE)`,
    `  certificates   ${caFile} (for AWS_CA_BUNDLE, NODE_EXTRA_CA_CERTS and curl: curl --cacert ${caFile} ${loadBalancerUrl})`,
    `  session store  ${storeEngine}`,
    '  retention      ephemeral, whatever the configuration says: all data is gone when the local cloud ends',
    last,
  ];
  return { value: { local }, text: lines.join('\n') };
}
