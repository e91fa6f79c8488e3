import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * A server that has nothing in common with the Node example but `/login` and `/count`: sessions in the cookie, other
 * paths, its counts as text, or no counts at all.
 */
export function makeOtherApp(folder: string, { probes }: { readonly probes: boolean }): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'main.cjs'), SERVER);
  const probe = (name: string) => ({ path: '/counts.txt', pattern: `^${name} = (\\d+)$` });
  const contract = {
    start: ['node', 'main.cjs', '--verbose'],
    port: 9000,
    health: { loadBalancer: '/alive', ready: '/works' },
    ...(probes && { inFlight: probe('busy'), requests: probe('served'), errors: probe('failed') }),
  };
  writeFileSync(path.join(folder, 'holdfast.app.json'), JSON.stringify(contract));
}

const SERVER = `
const http = require('node:http');
let busy = 0, served = 0, failed = 0;

function answer(request, response, body) {
  const [user, count] = /SID=([^;.]+)\\.(\\d+)/.exec(request.headers.cookie ?? '')?.slice(1) ?? [];
  const reply = (status, value, cookie) =>
    response.writeHead(status, { 'content-type': 'application/json', ...(cookie && { 'set-cookie': 'SID=' + cookie + '; Path=/; Secure; HttpOnly' }) })
      .end(JSON.stringify(value));
  if (request.url === '/login') {
    const { user } = JSON.parse(body);
    return reply(200, { user, count: 0 }, user + '.0');
  }
  if (request.url !== '/count') return reply(404, {});
  if (!user) return reply(401, {});
  reply(200, { user, count: Number(count) + 1 }, user + '.' + (Number(count) + 1));
}

const server = http.createServer((request, response) => {
  if (request.url === '/alive') return response.end('yes');
  if (request.url === '/works') return response.setHeader('content-type', 'application/json').end('{"status":"UP"}');
  if (request.url === '/counts.txt') return response.end(['busy = ' + busy, 'served = ' + served, 'failed = ' + failed, ''].join('\\n'));
  busy += 1;
  served += 1;
  response.once('close', () => { busy -= 1; if (response.statusCode >= 500) failed += 1; });
  let body = '';
  request.on('data', (chunk) => { body += chunk; }).on('end', () => answer(request, response, body));
});
server.keepAliveTimeout = 75_000;
server.listen(process.env.PORT ?? 9000);
process.on('SIGTERM', () => { server.close(() => process.exit(0)); server.closeIdleConnections(); });
`;
