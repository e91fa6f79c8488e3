/** The guard before any local call: the endpoint is on loopback and belongs to the account that the local cloud declares. */
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { holdfast } from '../functions/shared/command-options.ts';
import { parseUrl } from '../functions/shared/urls.ts';
import type { CloudState } from './cloud-state.ts';

class NotLocal extends Error {
  override readonly name = 'NotLocal';
}

/** No account of AWS has this id. */
const LOCAL_ACCOUNT_ID = '000000000000';

/** @throws NotLocal when the endpoint is not on loopback, does not answer, or belongs to an account that could be one of AWS */
export async function assertLocalAccount({
  gatewayUrl,
  region,
  credentials,
}: Pick<CloudState, 'gatewayUrl' | 'region' | 'credentials'>): Promise<void> {
  const hostname = parseUrl(gatewayUrl)?.hostname;
  if (hostname === undefined || !['127.0.0.1', 'localhost', '[::1]'].includes(hostname)) {
    throw new NotLocal(`${gatewayUrl} is not on this machine: local commands call loopback addresses only; nothing was called`);
  }
  // Without these credentials the SDK would sign with the user's own keys of AWS.
  if (credentials === undefined) {
    throw new NotLocal(`the local cloud was started by another version of Holdfast: run "${holdfast('down')}", then "${holdfast('up')}"`);
  }
  const sts = new STSClient({
    region,
    endpoint: gatewayUrl,
    credentials,
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
  });
  let found: string | undefined;
  try {
    found = (await sts.send(new GetCallerIdentityCommand({}))).Account;
  } catch (error) {
    throw new NotLocal(
      `the local cloud at ${gatewayUrl} does not answer (${(error as Error).message}): start it with "${holdfast('up')}"`,
      {
        cause: error,
      },
    );
  } finally {
    sts.destroy();
  }
  if (found !== LOCAL_ACCOUNT_ID)
    throw new NotLocal(`${gatewayUrl} answers for account ${found}, not ${LOCAL_ACCOUNT_ID}: nothing was changed`);
}
