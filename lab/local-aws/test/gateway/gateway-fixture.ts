/** A gateway in front of a tiny emulator that remembers what it was asked, and services made of a few functions. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Gateway, type GatewayOptions, startGateway } from '../../gateway/gateway.ts';
import { type AccessControl, createAccessControl } from '../../iam/access-control.ts';
import { createCalls } from '../../iam/calls.ts';
import { createSessions } from '../../iam/sessions.ts';
import type { LocalService } from '../../service/service.ts';
import { ROOT } from '../root-credentials.ts';

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

interface FakeEmulator {
  readonly url: string;
  readonly asked: Asked[];
  /** Whether it closes a connection that was kept open when the next request comes, as it does to an idle one. */
  closesKept: boolean;
  close(): Promise<void>;
}

async function startFakeEmulator(): Promise<FakeEmulator> {
  const asked: Asked[] = [];
  const known = new WeakSet<object>();
  const emulator = { closesKept: false };
  const server = http.createServer(async (request, response) => {
    if (emulator.closesKept && known.has(request.socket)) return request.socket.destroy();
    known.add(request.socket);
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return; // the gateway broke the request off
    }
    asked.push({
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    });
    response.writeHead(201, { 'x-emulator': 'yes' }).end('from the emulator');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(emulator, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}

export const service = (parts: Partial<LocalService>): LocalService => ({
  signingNames: [],
  protocol: { kind: 'json', version: '1.1' },
  operations: {},
  resourceTypes: {},
  notEmulated: [],
  stop: async () => {},
  ...parts,
});

export interface Fixture {
  readonly gateway: Gateway;
  readonly emulator: FakeEmulator;
  readonly logged: string[];
  readonly logLines: unknown[];
  close(): Promise<void>;
}

/** Knows the account's root and no session. */
export const rootOnly = (): AccessControl =>
  createAccessControl({
    token: 'shared',
    sessions: createSessions(ROOT, Date.now),
    evaluator: { decide: async () => 'allowed', forget: () => {} },
    calls: createCalls(),
    now: Date.now,
  });

export async function startFixture(
  services: readonly LocalService[],
  access?: AccessControl,
  faults?: GatewayOptions['faults'],
): Promise<Fixture> {
  const emulator = await startFakeEmulator();
  const logged: string[] = [];
  const logLines: unknown[] = [];
  const gateway = await startGateway({
    services,
    ...(access && { access }),
    ...(faults && { faults }),
    emulator: { url: emulator.url, token: 'token-of-the-run' },
    port: 0,
    region: 'us-east-1',
    log: (line) => logged.push(line),
    onLogLine: (line) => logLines.push(line),
  });
  return {
    gateway,
    emulator,
    logged,
    logLines,
    close: async () => {
      await gateway.close();
      await emulator.close();
    },
  };
}

/** The header that tells the gateway which service a request is for. */
export const signedFor = (name: string): Record<string, string> => ({
  authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/eu-west-1/${name}/aws4_request, SignedHeaders=host, Signature=0`,
});
