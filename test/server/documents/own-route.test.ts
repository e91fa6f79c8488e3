/** The route of a server whose contract names no probe for it: by the instance's id, or by the host's name where none is set. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { waitIdleOutput } from '../../../functions/instance/document-contract.ts';
import { documentContent } from '../../../server/documents/deploy-documents.ts';
import { runStep } from './run-step.ts';
import { changedDocument } from './unpack.ts';

const CONTENT = documentContent('waitIdle', '');
const OWN_NAME = '    return route_of(environment_value("HOLDFAST_INSTANCE_ID") or socket.gethostname())';
const named = (name: string): object => changedDocument(CONTENT, { [OWN_NAME]: OWN_NAME.replace('socket.gethostname()', `'${name}'`) });

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-own-route-'));
  for (const name of ['etc', 'releases/1.0.0']) mkdirSync(join(folder, name), { recursive: true });
  symlinkSync('releases/1.0.0', join(folder, 'current'));
  const contract = { start: ['x'], port: 3000, session: { cookie: 'SID', timeoutSeconds: 60 } };
  writeFileSync(join(folder, 'releases/1.0.0/holdfast.app.json'), JSON.stringify(contract));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function routeOf(content: object, instanceEnvironment: string): Promise<string | undefined> {
  writeFileSync(join(folder, 'etc/instance.env'), instanceEnvironment);
  const { stdout, stderr } = await runStep(content, 'waitIdle', folder, {
    ...{ SSM_fencingToken: '5', SSM_sliceSeconds: '0', SSM_floorSeconds: '0', SSM_quietSeconds: '0', SSM_previousRequests: '-1' },
    ...{ SSM_previousQuietSeconds: '0', SSM_drainSignal: 'auto', SSM_targetPorts: '0', SSM_longLived: 'close' },
    ...{ SSM_drainStartedAtMs: '0', SSM_begunSeconds: '0', SSM_watch: 'sessions', HOLDFAST_ROOT: folder },
  });
  expect(stderr).toBe('');
  return waitIdleOutput.parse(JSON.parse(stdout)).sessionRoute;
}

it.each([
  ['is not set', 'PORT="3000"\n'],
  ['is empty', 'HOLDFAST_INSTANCE_ID=""\n'],
])('is the name of the host where the id of the instance %s', async (_what, environment) => {
  const own = hostname().replaceAll(/[^A-Za-z0-9_-]/g, '-');
  expect(own.length, 'this machine has a short name').toBeLessThanOrEqual(64);
  expect(await routeOf(CONTENT, environment)).toBe(own);
});

it('is the id of the instance where that is set, and no name of the host', async () => {
  expect(await routeOf(named('web-1'), 'HOLDFAST_INSTANCE_ID="i-0123456789abcdef0"\n')).toBe('i-0123456789abcdef0');
});

it('has no character of a name that ends a route in a cookie', async () => {
  expect(await routeOf(named('web-1.shop.example.com'), '')).toBe('web-1-shop-example-com');
});

it.each([
  ['of 64 characters as it is', 'a'.repeat(64), 'a'.repeat(64)],
  // The first 16 digits of SHA-256, as `printf %s NAME | sha256sum` prints them.
  ['of 65 characters cut, with a hash of the whole', 'a'.repeat(65), `${'a'.repeat(47)}-635361c48bb9eab1`],
  ['with another end as another route', `${'a'.repeat(64)}b`, `${'a'.repeat(47)}-3e63da2d835edc34`],
])('is a name %s', async (_what, name, route) => {
  expect(await routeOf(named(name), '')).toBe(route);
  expect(route.length).toBeLessThanOrEqual(64);
});
