/** The session probe of the document that observes: two releases, each on a server of its own, that share a store. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { observeOutput, type SessionProbed } from '../../../functions/instance/document-contract.ts';
import { documentContent } from '../../../server/documents/deploy-documents.ts';
import { runStep } from './run-step.ts';
import { changedDocument } from './unpack.ts';

const ID = 'an-id-that-nobody-may-see';
const VALUE = 'a-random-value';
const SECRET = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:probe';

/** A release on its server: what it sets, and which format it writes and reads. */
interface Release {
  readonly folder: string;
  readonly server: Server;
  attributes: string;
  format: string;
  readAnswer?: string;
}

/** The store that both share: format and value. */
const store = new Map<string, string>();
let secret: string;
/** How many calls of the AWS CLI fail before one answers. */
let failures: number;
/** Every page answers 500. */
let refused = false;
let releases: Release[];
let tools: string;

function answer(release: Release, { url, headers }: IncomingMessage, response: ServerResponse): void {
  if (refused) {
    response.writeHead(500).end();
    return;
  }
  if (url === '/write' && headers['x-forwarded-proto'] === 'https') {
    store.set(ID, `${release.format}:${VALUE}`);
    response.writeHead(200, { 'set-cookie': `SID=${ID}; Path=/${release.attributes}` }).end(VALUE);
    return;
  }
  const found = /SID=([^;]*)/.exec(headers.cookie ?? '')?.[1];
  const [format, value] = (found ? (store.get(found) ?? '') : '').split(':');
  const same = value !== undefined && format === release.format;
  response.writeHead(same || release.readAnswer ? 200 : 404).end(release.readAnswer ?? (same ? value : 'not found'));
}

beforeAll(async () => {
  tools = mkdtempSync(join(tmpdir(), 'holdfast-tools-'));
  releases = await Promise.all(
    ['1.0.0', '2.0.0'].map(async (version): Promise<Release> => {
      const folder = mkdtempSync(join(tmpdir(), 'holdfast-probe-'));
      for (const name of ['etc', `releases/${version}`]) mkdirSync(join(folder, name), { recursive: true });
      symlinkSync(`releases/${version}`, join(folder, 'current'));
      const release: Release = {
        folder,
        attributes: '; HttpOnly; Secure',
        format: '1',
        server: createServer((request, response) => answer(release, request, response)),
      };
      await new Promise<void>((resolve) => release.server.listen(0, '127.0.0.1', resolve));
      const { port } = release.server.address() as AddressInfo;
      const probe = { write: '/write', read: '/read' };
      const contract = { start: ['x'], port, health: { loadBalancer: '/', ready: '/' }, session: { cookie: 'SID', probe } };
      writeFileSync(join(folder, `releases/${version}/holdfast.app.json`), JSON.stringify(contract));
      return release;
    }),
  );
});
afterAll(async () => {
  rmSync(tools, { recursive: true, force: true });
  for (const { folder, server } of releases) {
    rmSync(folder, { recursive: true, force: true });
    await new Promise((resolve) => server.close(resolve));
  }
});
beforeEach(() => {
  store.clear();
  secret = 'k'.repeat(64);
  failures = 0;
  refused = false;
  for (const release of releases) Object.assign(release, { attributes: '; HttpOnly; Secure', format: '1', readAnswer: undefined });
});

const CONTENT = changedDocument(documentContent('observe', ''), { 'CALL_PAUSE_SECONDS = 6': 'CALL_PAUSE_SECONDS = 0.05' });

async function probe(release: Release | undefined, parameters: Record<string, string>): Promise<SessionProbed> {
  const folder = release?.folder ?? '';
  // Each failed call uses one line up.
  writeFileSync(join(tools, 'left'), 'x'.repeat(failures));
  const fails = `read -r left <'${join(tools, 'left')}'; if [ -n "$left" ]; then printf '%s' "\${left%x}" >'${join(tools, 'left')}'; exit 255; fi`;
  writeFileSync(join(tools, 'aws'), `#!/bin/sh\n${fails}\necho '${secret && JSON.stringify({ SecretString: secret, VersionId: 'v1' })}'\n`);
  chmodSync(join(tools, 'aws'), 0o755);
  const { stdout, stderr } = await runStep(CONTENT, 'observe', folder, {
    ...{ SSM_attempts: '0', SSM_intervalSeconds: '0', SSM_confirmSeconds: '0', SSM_sealed: '', SSM_probeSecret: '' },
    ...{ HOLDFAST_ROOT: folder, PATH: tools },
    ...parameters,
  });
  expect(stdout + stderr, 'no id and no value is printed').not.toMatch(new RegExp(`${ID}|${VALUE}|${secret || ID}`));
  return stdout === '' ? { reason: stderr } : (observeOutput.parse(JSON.parse(stdout)).probe ?? { reason: 'no probe' });
}
const write = (release: Release | undefined, probeSecret = SECRET) => probe(release, { SSM_probe: 'write', SSM_probeSecret: probeSecret });
const read = (release: Release | undefined, sealed = '') =>
  probe(release, { SSM_probe: 'read', SSM_probeSecret: SECRET, SSM_sealed: sealed });

it('one release reads what the other one wrote, and the cookie crosses only sealed', async () => {
  const written = await write(releases[0]);
  expect(written).toEqual({ cookie: { name: 'SID', secure: true, httpOnly: true }, sealed: expect.any(String) });
  expect(Buffer.from(written.sealed ?? '', 'base64url').toString('latin1')).not.toMatch(/SID|an-id|random/);
  expect(await read(releases[1], written.sealed)).toEqual({ read: 'same', status: 200 });
  expect((await write(releases[0])).sealed, 'sealed anew each time').not.toBe(written.sealed);
});

it('a release of another format does not read it', async () => {
  Object.assign(releases[1] ?? {}, { format: '2' });
  expect(await read(releases[1], (await write(releases[0])).sealed)).toEqual({ read: 'different', status: 404 });
});

it('an answer that does not depend on the session proves nothing', async () => {
  Object.assign(releases[1] ?? {}, { readAnswer: VALUE });
  expect(await read(releases[1], (await write(releases[0])).sealed)).toEqual({
    reason: '/read answers the same without a session',
    fault: 'release',
  });
});

it('what was sealed under another secret, or changed on its way, is not read', async () => {
  const { sealed = '' } = await write(releases[0]);
  const changed = `${sealed.slice(0, 30)}${sealed[30] === 'A' ? 'B' : 'A'}${sealed.slice(31)}`;
  expect(await read(releases[1], changed)).toEqual({ reason: 'the sealed session is of another secret' });
  secret = 'o'.repeat(64);
  expect(await read(releases[1], sealed)).toEqual({ reason: 'the sealed session is of another secret' });
});

it('without a secret only the attributes of the cookie are read', async () => {
  Object.assign(releases[0] ?? {}, { attributes: '; Domain=.example.com' });
  expect(await write(releases[0], '')).toEqual({ cookie: { name: 'SID', secure: false, httpOnly: false, domain: '.example.com' } });
});

it('a secret that cannot be read is the reason', async () => {
  secret = '';
  expect(await write(releases[0]), 'and no fault of the release').toEqual({
    reason: expect.stringContaining('secretsmanager:GetSecretValue'),
  });
});

it('a secret is asked for three times', async () => {
  failures = 2;
  expect(await write(releases[0])).toMatchObject({ sealed: expect.any(String) });
});

it('a session longer than what crosses is refused by the script, which no pattern of the document counts', async () => {
  const sealed = 'A'.repeat(8_193);
  expect((await read(releases[0], sealed)).reason).toMatch(/sealed/);
});

it('an application that writes none is at fault', async () => {
  refused = true;
  expect(await write(releases[0])).toEqual({ reason: expect.stringContaining('answers with status 500'), fault: 'release' });
});
