/** An application in TypeScript that uses what the package exports for sessions, with the types that applications have. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { buildPackage } from '../../package/build-package.ts';

vi.unmock('../../infra/constructs/bundle-function.ts');

const REPOSITORY = path.resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
const LIMIT_MS = 120_000;
/** What an application installs next to holdfast; `@types` has those of Express and express-session. */
const INSTALLED = ['@types', 'connect-redis', 'express', 'express-session', 'redis'];

const CONSUMER = `import express from 'express';
import session from 'express-session';
import { createUserSessions, GuardedRedisStore, SessionEnded } from 'holdfast/session';
import { createClient, createCluster } from 'redis';

declare module 'express-session' {
  interface SessionData {
    user: string;
  }
}

const options = { prefix: 'sess:shop:', idleSeconds: 1_800, absoluteSeconds: 43_200 };
const userKey = 'k'.repeat(32);
const client = createClient();
const store = new GuardedRedisStore({ client, ...options });
const users = createUserSessions({ client, store, userKey, max: 3 });
const cluster = createCluster({ rootNodes: [] });
createUserSessions({ client: cluster, store: new GuardedRedisStore({ client: cluster, ...options }), userKey });
// @ts-expect-error: a number
const refused = () => createUserSessions({ client, store, userKey, max: '3' });

const app = express();
app.use(session({ store, secret: 'a secret', resave: false, saveUninitialized: false }));
app.post('/login', async (req, res) => {
  await users.login(req, 'ann', ['basket']);
  req.session.user = 'ann';
  res.json({ devices: await users.list(req), why: await users.whyEnded(req) });
});
const name: 'SessionEnded' = new SessionEnded('it was ended').name;
try {
  refused();
} catch (error) {
  console.log(name, (error as Error).name);
}
`;

let project: string;
beforeAll(async () => {
  project = mkdtempSync(path.join(tmpdir(), 'session-consumer-'));
  const modules = path.join(project, 'node_modules');
  mkdirSync(modules);
  await buildPackage(path.join(modules, 'holdfast'));
  for (const name of INSTALLED) symlinkSync(path.join(REPOSITORY, 'node_modules', name), path.join(modules, name));
  writeFileSync(path.join(project, 'package.json'), '{"type":"module"}');
  writeFileSync(path.join(project, 'consumer.mts'), CONSUMER);
}, 300_000);
afterAll(() => rmSync(project, { recursive: true, force: true }));

it('compiles, strictly and with the declarations checked', { timeout: LIMIT_MS }, async () => {
  const words = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2023', '--lib', 'es2023', '--types', 'node'];
  const tsc = path.join(REPOSITORY, 'node_modules/typescript/bin/tsc');
  const { stdout } = await run(process.execPath, [tsc, ...words, 'consumer.mts'], { cwd: project, timeout: LIMIT_MS }).catch(
    (error: { stdout: string }) => error,
  );
  expect(stdout).toBe('');
});

it('runs', async () => {
  const words = ['--disable-warning=ExperimentalWarning', 'consumer.mts'];
  const { stdout } = await run(process.execPath, words, { cwd: project, timeout: LIMIT_MS });
  expect(stdout).toBe('SessionEnded InvalidOption\n');
});
