/** What `holdfast up` prints of the local cloud that it leaves running. */
import { type CloudState, consoleLink } from '../cli/cloud-state.ts';

export interface UpResult {
  /** What --json prints. */
  readonly value: { readonly local: object };
  /** What people read without --json. */
  readonly text: string;
}

/** The path of the credentials, never the secret itself: a terminal's output is copied into reports. */
export function describeUp(title: string, state: CloudState, loadBalancerUrl: string, storeEngine: string): UpResult {
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
    'Deploy a release: npx holdfast deploy VERSION. Stop it: npx holdfast down',
  ];
  return { value: { local }, text: lines.join('\n') };
}
