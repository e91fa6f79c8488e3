/** A server of another making: node:http alone, sessions in a Map, and a cookie whose route stands at its end. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Build, LocalApp } from '../../../lab/demo/app/local-app.ts';

const SERVER = `
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { hostname } from 'node:os';
const route = process.env.HOLDFAST_INSTANCE_ID || hostname().split('.')[0];
const sessions = new Map();
let inFlight = 0;
let requests = 0;
const ticketOf = (request) => /(?:^|; *)TICKET=([^;]*)/.exec(request.headers.cookie ?? '')?.[1];
const reply = (response, status, body) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
const own = ['/live', '/health', '/stats'];
const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://server');
  if (pathname === '/live') return reply(response, 200, {});
  if (pathname === '/health') return reply(response, 200, { status: 'UP' });
  if (pathname === '/stats') return reply(response, 200, { inFlight, requests, errors: 0, sessions: sessions.size });
  requests += 1;
  inFlight += 1;
  response.on('close', () => (inFlight -= 1));
  const ticket = ticketOf(request);
  if (pathname === '/login') {
    const id = randomUUID() + '.' + route;
    sessions.set(id, 0);
    response.setHeader('set-cookie', 'TICKET=' + id + '; Path=/; HttpOnly');
    request.resume();
    return reply(response, 200, {});
  }
  if (pathname === '/logout') {
    sessions.delete(ticket);
    return reply(response, 200, {});
  }
  if (!sessions.has(ticket)) return reply(response, 401, {});
  sessions.set(ticket, sessions.get(ticket) + 1);
  reply(response, 200, { count: sessions.get(ticket) });
});
server.keepAliveTimeout = 75_000;
server.listen(Number(process.env.PORT ?? 8080));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
`;

const CONTRACT = {
  start: ['node', 'server.mjs'],
  port: 8080,
  health: { loadBalancer: '/live', ready: '/health' },
  keepAliveSeconds: 75,
  inFlight: { path: '/stats', field: 'inFlight' },
  requests: { path: '/stats', field: 'requests' },
  errors: { path: '/stats', field: 'errors' },
  sessions: { path: '/stats', field: 'sessions' },
  session: { cookie: 'TICKET' },
};

export const plainApp: LocalApp = {
  server: { port: 8080, healthPath: '/live', strategy: 'sticky' },
  async build({ folder, version }: Build) {
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'server.mjs'), `// ${version}${SERVER}`);
    await writeFile(path.join(folder, 'holdfast.app.json'), JSON.stringify(CONTRACT));
    return folder;
  },
};
