import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type JsonService, jsonService } from '../../../functions/shared/aws/signed/json-service.ts';
import { type Limits, signedCalls } from '../../../functions/shared/aws/signed/signed-calls.ts';
import { SECRETS_TARGET } from '../../../functions/shared/store/store-login.ts';

export const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'of-the-session' };

interface SeenCall {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A client of Secrets Manager at `url`, with the functions' own code. */
export const secretsAt = (url: string, limits: Limits): JsonService => {
  const signing = { service: 'secretsmanager', region: 'eu-west-1', url: new URL(url), credentials: CREDENTIALS } as const;
  return jsonService(signedCalls(signing, limits), SECRETS_TARGET, '1.1');
};

/** A service on a port of this machine: answers each call with the next of what it was given, and then with the last again. */
export function stubSecrets(limits: Limits = { maxAttempts: 1, attemptMs: 5_000 }) {
  const seen: SeenCall[] = [];
  let answers: { readonly status: number; readonly body: string }[] = [{ status: 200, body: '{}' }];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      seen.push({ headers: request.headers, body });
      const [next] = answers.length > 1 ? answers.splice(0, 1) : answers;
      response.writeHead(next?.status ?? 500, { connection: 'close' }).end(next?.body);
    });
  });
  const listening = once(server.listen(0, '127.0.0.1'), 'listening');
  server.unref();
  const secrets: JsonService = async (operation, input) => {
    await listening;
    return secretsAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, limits)(operation, input);
  };
  return {
    secrets,
    seen,
    answer(body: string, status = 200) {
      answers = [{ status, body }];
    },
    answerInTurn(...given: { readonly status: number; readonly body: string }[]) {
      answers = given;
    },
  };
}
