/** Pages name files by their content: during a deploy and a rollback each server answers for pages of either release. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loading } from './assets/loading.ts';
import { currentVersion, deploy, groupInstances, kept, publish, recordOf, runOn, untilHealthy, versions } from './fleet.ts';

const SERVER = `
import http from 'node:http';
const own = new Set(['/live', '/health', '/status']);
let inFlight = 0, requests = 0;
const server = http.createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://x');
  if (pathname === '/status') return response.end(JSON.stringify({ inFlight, requests, errors: ERRORS }));
  if (own.has(pathname)) return response.end('{"status":"UP"}');
  requests += 1; inFlight += 1;
  response.on('close', () => { inFlight -= 1; });
  if (pathname === '/') return response.end('<script src="/assets/app.VERSION.js"></script>');
  try { response.end(readFileSync(new URL('./public' + pathname, import.meta.url))); }
  catch { response.statusCode = 404; response.end(); }
});
server.keepAliveTimeout = 75_000;
server.listen(Number(process.env.PORT), process.env.HOST);
process.on('SIGTERM', () => { server.close(() => process.exit(0)); server.closeIdleConnections(); });
`;
const count = (field: string) => ({ path: '/status', field });
const CONTRACT = {
  start: ['node', 'server.mjs'],
  port: 8080,
  health: { loadBalancer: '/live', ready: '/health' },
  keepAliveSeconds: 75,
  inFlight: count('inFlight'),
  requests: count('requests'),
  errors: count('errors'),
  assets: [{ folder: 'public/assets', path: '/assets/' }],
};

/** @param errors that it counts: an expression in its program */
async function publishPages(version: string, errors = '0'): Promise<void> {
  const folder = path.join(kept.runFolder, 'pages', version);
  await mkdir(path.join(folder, 'public/assets'), { recursive: true });
  await writeFile(path.join(folder, 'holdfast.app.json'), JSON.stringify(CONTRACT));
  await writeFile(path.join(folder, 'server.mjs'), SERVER.replace('ERRORS', errors).replace('VERSION', version));
  await writeFile(path.join(folder, `public/assets/app.${version}.js`), `"${version}"`);
  await publish(version, folder);
}

let before: string;
beforeAll(async () => {
  await untilHealthy(3);
  before = await currentVersion();
  await publishPages('71.0.0');
  await deploy('71.0.0');
}, 300_000);
afterAll(async () => {
  await deploy(before);
}, 300_000);

const stagedOn = async () => {
  const listed = await runOn(
    (await groupInstances()).map(({ id }) => id),
    'ls "$HOLDFAST_ROOT/assets"',
  );
  return listed.map((text) => text.trim().split(/\s+/).sort());
};

it('no page load lacks a file during a deploy', { timeout: 600_000 }, async () => {
  await publishPages('72.0.0');
  const { result, loads, broken } = await loading(kept.loadBalancerUrl, () => deploy('72.0.0'));
  expect(result, JSON.stringify(result)).toMatchObject({ status: 'SUCCEEDED' });
  expect((await recordOf(result.executionArn))?.warnings?.join('\n') ?? '').not.toContain('/assets/');
  expect(broken).toEqual([]);
  expect(loads).toBeGreaterThanOrEqual(2_000);
  expect(await stagedOn()).toEqual(Array(3).fill(['71.0.0', '72.0.0']));
});

it('nor during a rollback, after which nothing of the failed release is left', { timeout: 600_000 }, async () => {
  const [serving, staged] = [await currentVersion(), await stagedOn()];
  await publishPages('73.0.0', 'requests > 20 ? 1_000 : 0');
  const { result, loads, broken } = await loading(kept.loadBalancerUrl, () => deploy('73.0.0'));
  expect(result, JSON.stringify(result)).toMatchObject({ status: 'FAILED', error: 'BakeFailed' });
  expect(broken).toEqual([]);
  expect(loads).toBeGreaterThanOrEqual(2_000);
  expect(Object.values(await versions())).toEqual(Array(3).fill(serving));
  expect(await stagedOn()).toEqual(staged);
});
