/**
 * Releases that something is wrong with, each in its own way: the real example with one fault put around it. The probes
 * keep saying that all is well where a deploy is to find the fault by itself.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const EXAMPLE = path.resolve(import.meta.dirname, '../../examples/node-app');

/** The files of a build, which every release of this process has: nothing but package.json depends on the version. */
let built: Promise<ReadonlyMap<string, string>> | undefined;

/** Makes the example's release. */
export async function buildExample(folder: string, version: string): Promise<void> {
  built ??= build();
  const [files] = await Promise.all([built, mkdir(folder, { recursive: true })]);
  const manifest = { ...JSON.parse(files.get('package.json') as string), version };
  for (const [name, content] of files) await writeFile(path.join(folder, name), content);
  await writeFile(path.join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

async function build(): Promise<ReadonlyMap<string, string>> {
  const out = await mkdtemp(path.join(tmpdir(), 'example-'));
  try {
    const words = [path.join(EXAMPLE, 'build.mjs'), '--version', '0.0.0', '--out', out];
    await promisify(execFile)(process.execPath, words, { timeout: 30_000 });
    const names = await readdir(out);
    return new Map(await Promise.all(names.map(async (name) => [name, await readFile(path.join(out, name), 'utf8')] as const)));
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

/** Starts and serves, but its readiness path never reports UP. */
export const neverUp = (folder: string, version: string): Promise<void> =>
  around(
    folder,
    version,
    `onRequest((request, response, next) => {
      if (request.url !== '/health') return next();
      response.writeHead(503, { 'content-type': 'application/json' }).end('{"status":"DOWN","reason":"the licence has run out"}');
    });`,
  );

/** Starts and reports UP, but the load balancer's checks get 503. */
export const unfitForLoadBalancer = (folder: string, version: string): Promise<void> =>
  around(
    folder,
    version,
    `onRequest((request, response, next) => {
      if (!request.headers['user-agent']?.startsWith('ELB-HealthChecker/')) return next();
      response.writeHead(503).end();
    });`,
  );

/** @param afterMs from the first request of a user on, how long its answers are good; then each is a 500, and counted as one */
export const errorsDuringBake =
  (afterMs = 300) =>
  (folder: string, version: string): Promise<void> =>
    around(
      folder,
      version,
      `let firstMs;
      onRequest((request, response, next) => {
        if (isProbe(request)) return next();
        firstMs ??= Date.now();
        if (Date.now() - firstMs < ${afterMs}) return next();
        const writeHead = response.writeHead;
        response.writeHead = function (status, ...rest) {
          return writeHead.call(this, status < 400 ? 500 : status, ...rest);
        };
        next();
      });`,
    );

/** Each answer to a user takes so much longer, from its first byte on; the request is in flight meanwhile. */
export const slow =
  (ms: number) =>
  (folder: string, version: string): Promise<void> =>
    around(
      folder,
      version,
      `onRequest((request, response, next) => {
        if (isProbe(request)) return next();
        for (const name of ['write', 'end']) {
          const original = response[name];
          response[name] = function (...rest) {
            setTimeout(() => original.apply(this, rest), ${ms});
            return this;
          };
        }
        next();
      });`,
    );

/** Ends with a word and status 1 as soon as it is started. */
export const crashesOnStart = (folder: string, version: string): Promise<void> =>
  around(folder, version, `console.error('cannot read the licence'); process.exit(1);`);

/** Listens only so long after its start. */
export const startsLate =
  (ms: number) =>
  (folder: string, version: string): Promise<void> =>
    around(folder, version, `await new Promise((done) => setTimeout(done, ${ms}));`);

/** The example, started by a file that does `fault` first. */
export async function around(folder: string, version: string, fault: string): Promise<void> {
  await buildExample(folder, version);
  const contractFile = path.join(folder, 'holdfast.app.json');
  const contract = JSON.parse(await readFile(contractFile, 'utf8')) as object;
  await writeFile(contractFile, JSON.stringify({ ...contract, start: ['node', 'fault.mjs'] }));
  await writeFile(path.join(folder, 'fault.mjs'), `${HEAD}${fault}\nawait import('./server.mjs');\n`);
}

/** `onRequest` sees each request before the application does. */
const HEAD = `import http from 'node:http';
const isProbe = ({ url }) => ['/live', '/health', '/internal/status'].includes(url);
function onRequest(look) {
  const emit = http.Server.prototype.emit;
  http.Server.prototype.emit = function (event, request, response) {
    if (event !== 'request') return emit.apply(this, arguments);
    look(request, response, () => emit.call(this, event, request, response));
    return true;
  };
}
`;
