/** The guard before any local call: what answers is on loopback and belongs to the account that no real AWS has. */
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { LOCAL_ACCOUNT_ID } from './ports.ts';

/** Mean nothing anywhere but here. */
export const LOCAL_CREDENTIALS = { accessKeyId: LOCAL_ACCOUNT_ID, secretAccessKey: 'local' } as const;

class NotLocal extends Error {
  override readonly name = 'NotLocal';
}

/**
 * @returns the account, always {@link LOCAL_ACCOUNT_ID}
 * @throws NotLocal when `endpoint` is not on loopback, does not answer, or answers for another account
 */
export async function assertLocalAccount(endpoint: string, region: string): Promise<string> {
  const hostname = URL.parse(endpoint)?.hostname;
  if (hostname === undefined || !['127.0.0.1', 'localhost', '[::1]'].includes(hostname)) {
    throw new NotLocal(`${endpoint} is not on this machine: local commands talk to loopback only; nothing was called`);
  }
  const sts = new STSClient({
    region,
    endpoint,
    credentials: LOCAL_CREDENTIALS,
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
  });
  let account: string | undefined;
  try {
    account = (await sts.send(new GetCallerIdentityCommand({}))).Account;
  } catch (error) {
    throw new NotLocal(`the local cloud at ${endpoint} does not answer (${(error as Error).message}): start it with "npx holdfast up"`, {
      cause: error,
    });
  } finally {
    sts.destroy();
  }
  if (account !== LOCAL_ACCOUNT_ID)
    throw new NotLocal(`${endpoint} answers for account ${account}, not ${LOCAL_ACCOUNT_ID}: nothing was changed`);
  return account;
}
