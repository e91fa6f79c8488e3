import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the fake does to one count: `next` answers as a sound server would. */
export type Fault = (visit: Visit) => 'next' | undefined;
export interface Visit {
  /** The session's user and count, this request included. A fault may change them. */
  readonly session: { user: string; count: number };
  /** Number of this count request over all users, from 1. */
  readonly nth: number;
  readonly response: ServerResponse;
  readonly request: IncomingMessage;
  /** Forgets the session, as a store that lost it would. */
  readonly forget: () => void;
  /** Gives undefined: the fault has answered. */
  answer(status: number, body: unknown): undefined;
}

export interface FakeServer {
  readonly url: string;
  /** Ids of the sessions that it has handed out. */
  readonly ids: readonly string[];
  close(): void;
}

/** A server with sessions in its memory that misbehaves according to `fault`. */
export async function fakeServer(fault: Fault = () => 'next'): Promise<FakeServer> {
  const sessions = new Map<string, { user: string; count: number }>();
  const ids: string[] = [];
  let nth = 0;
  const server = createServer(async (request, response) => {
    const answer = (status: number, body: unknown): undefined => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(typeof body === 'string' ? body : JSON.stringify(body));
    };
    const id = /(?:^|; )SID=([^;]+)/.exec(request.headers.cookie ?? '')?.[1] ?? '';
    if (request.url === '/login') {
      let text = '';
      for await (const chunk of request) text += chunk;
      const made = `secret-${crypto.randomUUID()}`;
      ids.push(made);
      sessions.set(made, { user: (JSON.parse(text) as { user: string }).user, count: 0 });
      response.setHeader('set-cookie', `SID=${made}; Path=/; HttpOnly; Max-Age=1800`);
      answer(200, {});
      return;
    }
    const session = sessions.get(id);
    if (session === undefined) {
      answer(401, { error: 'not logged in' });
      return;
    }
    session.count += 1;
    nth += 1;
    const what = fault({ session, nth, request, response, answer, forget: () => sessions.delete(id) });
    if (what === 'next') answer(200, { ...session, server: 'fake', version: '1.0.0' });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ids,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
