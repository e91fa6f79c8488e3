/** The endpoint of Lambda that the console invokes a function at. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FakeBackend } from './fake-backend.ts';

export interface FakeFunction {
  /** Has the backend's cloud call it. */
  serve(fake: FakeBackend): Promise<void>;
  close(): void;
}

/** @param answer gets the path and the body of each invocation */
export function startFakeFunction(
  answer: (asked: { readonly url: string | undefined; readonly body: string }, response: ServerResponse) => void,
): FakeFunction {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    answer({ url: request.url, body }, response);
  }).listen(0, '127.0.0.1');
  return {
    async serve(fake) {
      if (!server.listening) await once(server, 'listening');
      const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
      Object.assign(fake.cloud, { client: { region: 'us-east-1', endpoint, credentials } });
    },
    close: () => void server.close(),
  };
}
