/** Little releases to install: a server that counts, and archives that must be refused. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

export interface Archive {
  readonly bytes: Buffer;
  /** Lower-case hex. */
  readonly sha256: string;
}

const SERVER = `
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
const mode = JSON.parse(readFileSync('mode.json', 'utf8'));
if (mode.exitAtOnce) process.exit(3);
const counts = { inFlight: 0, requests: 0, errors: 0, sessions: 7, route: 's1' };
const quiet = new Set(['/healthz', '/ready', '/stats', '/text', '/set']);
createServer((request, response) => {
  const url = new URL(request.url, 'http://localhost');
  const answer = (status, body) => { response.statusCode = status; response.end(typeof body === 'string' ? body : JSON.stringify(body)); };
  if (!quiet.has(url.pathname)) { counts.requests += 1; counts.inFlight += 1; response.on('close', () => { counts.inFlight -= 1; }); }
  if (url.pathname === '/healthz') return answer(200, { status: 'UP' });
  if (url.pathname === '/ready') return mode.down ? answer(503, { status: 'DOWN' }) : answer(200, { status: 'UP' });
  if (url.pathname === '/stats') return answer(200, { requests: { served: counts.requests, inFlight: counts.inFlight }, errors: counts.errors, sessions: counts.sessions, route: counts.route });
  if (url.pathname === '/text') return answer(200, 'app_in_flight ' + counts.inFlight + '\\napp_requests_total ' + counts.requests + '.0\\n');
  if (url.pathname === '/set') return answer(200, Object.assign(counts, JSON.parse(url.searchParams.get('counts'))));
  if (url.pathname === '/slow') return setTimeout(() => answer(200, 'slow'), Number(url.searchParams.get('ms')));
  if (url.pathname === '/environment') return answer(200, process.env);
  answer(200, { version: process.env.HOLDFAST_VERSION, pid: process.pid });
}).listen(Number(process.env.PORT), '127.0.0.1');
if (mode.statusPort) createServer((_, response) => response.end('{"inFlight":0,"requests":' + (1000 + counts.requests) + '}')).listen(Number(process.env.STATUS_PORT), '127.0.0.1');
`;

const health = { loadBalancer: '/healthz', ready: '/ready' };

export const CONTRACT = {
  start: ['node', 'server.mjs'],
  port: 3000,
  health,
  inFlight: { path: '/stats', field: 'requests.inFlight' },
  requests: { path: '/stats', field: 'requests.served' },
  errors: { path: '/stats', field: 'errors' },
  sessions: { path: '/stats', field: 'sessions' },
};

/** Counts from a listener of their own; `mode.statusPort` opens it. Sessions are counted at the server's port. */
export const STATUS_PORT_CONTRACT = {
  start: ['node', 'server.mjs'],
  port: 3000,
  statusPort: 3001,
  health,
  inFlight: { path: '/stats', port: 'STATUS_PORT', field: 'inFlight' },
  requests: { path: '/stats', port: 'STATUS_PORT', field: 'requests' },
  sessions: { path: '/stats', field: 'sessions' },
};

/** Counts read from text, as from a Prometheus page. */
export const TEXT_CONTRACT = {
  start: ['node', 'server.mjs'],
  port: 3000,
  health,
  inFlight: { path: '/text', pattern: '^app_in_flight ([0-9]+)$' },
  requests: { path: '/text', pattern: '^app_requests_total ([0-9.]+)$' },
};

export const CONTRACT_WITHOUT_COUNTS = { start: ['node', 'server.mjs'], port: 3000, health };

type Entry = Parameters<ReturnType<typeof pack>['entry']>[0] & { readonly body?: string };

/** A tar.gz of exactly these entries. */
export async function archiveOf(entries: readonly Entry[]): Promise<Archive> {
  const tar = pack();
  for (const { body, ...header } of entries) tar.entry(header, body ?? '');
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(Buffer.from(chunk as Uint8Array));
  const bytes = gzipSync(Buffer.concat(chunks));
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** A release of the counting server. `mode`: `exitAtOnce`, `down`. */
export function release(mode: Record<string, boolean> = {}, contract: object = CONTRACT): Promise<Archive> {
  return archiveOf([
    { name: './', type: 'directory' },
    { name: './holdfast.app.json', body: JSON.stringify(contract) },
    { name: './server.mjs', body: SERVER, mode: 0o644 },
    { name: './mode.json', body: JSON.stringify(mode) },
    { name: './latest', type: 'symlink', linkname: 'mode.json' },
  ]);
}
