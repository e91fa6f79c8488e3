import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SecretsManagerClient, type SecretsManagerClientConfig } from '@aws-sdk/client-secrets-manager';

const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };

/** A client of Secrets Manager at `endpoint`. */
export const secretsAt = (
  endpoint: NonNullable<SecretsManagerClientConfig['endpoint']>,
  options: SecretsManagerClientConfig,
): SecretsManagerClient => new SecretsManagerClient({ region: 'eu-west-1', credentials: CREDENTIALS, ...options, endpoint });

/** A service on a port of this machine: answers each call with what it was last given. */
export function stubSecrets() {
  const seen: { readonly body: string }[] = [];
  let next = { status: 200, body: '{}' };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      seen.push({ body });
      response.writeHead(next.status, { connection: 'close' }).end(next.body);
    });
  });
  const listening = once(server.listen(0, '127.0.0.1'), 'listening');
  server.unref();
  const endpoint = async () => {
    await listening;
    return { url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`) };
  };
  return {
    secrets: secretsAt(endpoint, { maxAttempts: 1 }),
    seen,
    answer(body: string, status = 200) {
      next = { status, body };
    },
  };
}
