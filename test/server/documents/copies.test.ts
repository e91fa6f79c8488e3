/** What a server says of the copies of its sessions, as the documents read it: before it leaves its users, and before its stop. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONTRACT, release } from '#local-aws/test/instances/fixture-release.ts';
import { installOutput, observeOutput, waitIdleOutput } from '../../../functions/instance/document-contract.ts';
import type { TestFleet } from '../../../lab/demo/test/aws/instances/test-fleet.ts';
import { documentContent } from '../../../server/documents/deploy-documents.ts';
import { HOSTILE, STEERS } from '../../functions/shared/hostile-texts.ts';
import { changedDocument } from './unpack.ts';
import { startWarmFleet } from './warm-machines.ts';

const probe = (field: string) => ({ path: '/stats', field });
const COPIES = { copies: { sessionsAlone: probe('sessions'), reason: probe('route') } };

/** The document with another limit than its minute. */
const INSTALL = JSON.stringify(
  changedDocument(documentContent('install', 'releases'), { 'COPIES_SECONDS = 60.0': 'COPIES_SECONDS = 1.0' }),
);

let fleet: TestFleet;
let instanceId: string;
let url: string;
beforeAll(async () => {
  fleet = await startWarmFleet();
  const machine = await fleet.launch();
  instanceId = machine.instanceId;
  url = `http://127.0.0.1:${machine.port}`;
  await fleet.install(instanceId, '1.0.0', await release({}, { ...CONTRACT, ...COPIES }));
});
afterAll(() => fleet.stop());

const set = (counts: object) => fetch(`${url}/set?counts=${encodeURIComponent(JSON.stringify(counts))}`);
/** What the document prints, and its reason. */
const lookAt = async () => {
  const parameters = { fencingToken: '5', quietSeconds: '0', sliceSeconds: '0', watch: 'copies' };
  const stdout = (await fleet.run(instanceId, 'test-waitIdle', parameters)).StandardOutputContent;
  return { stdout, reason: (JSON.parse(stdout) as { reason?: string }).reason };
};
const look = async (sliceSeconds = '0') => {
  const parameters = { fencingToken: '5', quietSeconds: '0', sliceSeconds, watch: 'copies' };
  return waitIdleOutput.parse(JSON.parse((await fleet.run(instanceId, 'test-waitIdle', parameters)).StandardOutputContent));
};

it('says how many no other server holds, and why', async () => {
  await set({ sessions: 3, route: '10.0.0.2:4000 is not\nreached' });
  expect(await look()).toEqual({ signal: 'sessions', quietSeconds: 0, sessionsAlone: 3, reason: '10.0.0.2:4000 is not reached' });
});

it('says it to a dry run as well, by the document that only reads, and does not wait', async () => {
  const parameters = { attempts: '0', intervalSeconds: '0', confirmSeconds: '0', sessions: 'copies' };
  const ask = async () => observeOutput.parse(JSON.parse((await fleet.run(instanceId, 'test-observe', parameters)).StandardOutputContent));
  expect(await ask()).toMatchObject({ version: '1.0.0', sessionsAlone: 3, sessionsReason: '10.0.0.2:4000 is not reached' });
  await set({ sessions: 'many' });
  const unknown = await ask();
  expect(unknown.sessionsReason).toBe('sessions is not a number');
  expect(unknown).not.toHaveProperty('sessionsAlone');
  expect(unknown).not.toHaveProperty('sessionCookie');
  await set({ sessions: 3 });
});

/** Each takes a run of the document: foreign-words.test.ts has all of them. */
it.each(HOSTILE.filter((_, at) => at % 5 === 0))(
  'gives %s in a reason as one line that steers nothing and has no secret',
  async (_what, text, secret) => {
    await set({ sessions: 3, route: text });
    const { stdout, reason = '' } = await lookAt();
    expect(stdout.trimEnd() + reason).not.toMatch(STEERS);
    if (secret !== undefined) expect(stdout).not.toContain(secret);
  },
);

it('waits until each is held elsewhere', async () => {
  setTimeout(() => void set({ sessions: 0, route: '' }), 1_000);
  expect(await look('20')).toEqual({ signal: 'sessions', quietSeconds: 0, sessionsAlone: 0 });
});

it.each([
  ['a text', '3', 'sessions is not a number'],
  ['a count below 0', -1, 'sessionsAlone is not a count'],
  ['nothing', null, 'sessions is not a number'],
])('takes %s for unknown, never for 0', async (_what, sessions, reason) => {
  await set({ sessions });
  expect(await look()).toEqual({ signal: 'sessions', quietSeconds: 0, reason });
});

describe('a server whose sessions no other one holds', () => {
  const install = async (version: string, copies: 'require' | 'try') => {
    const { bytes, sha256 } = await release({}, { ...CONTRACT, ...COPIES });
    const releaseUrl = `https://releases.s3.us-east-1.amazonaws.com/web/${version}/release.tar.gz`;
    fleet.objects.set(releaseUrl, bytes);
    const parameters = { fencingToken: '5', version, releaseUrl, sha256, copies };
    return installOutput.parse(JSON.parse((await fleet.run(instanceId, 'test-installSoon', parameters, 'install')).StandardOutputContent));
  };
  const served = async () => (await (await fetch(`${url}/stats`)).json()) as { pid?: number; sessions: number };
  beforeAll(() => fleet.call('CreateDocument', { Name: 'test-installSoon', Content: INSTALL, DocumentType: 'Command' }));

  it('is not stopped, and serves on: the result has the count, the reason and what serves', async () => {
    await set({ sessions: 2, route: '10.0.0.3:4000 lacks 2 sessions' });
    expect(await install('1.1.0', 'require')).toEqual({
      result: 'failed',
      error: 'SessionsAlone',
      message: expect.stringMatching(
        /^it has 2 sessions that no other server holds .*: 10\.0\.0\.3:4000 lacks 2 sessions; it was not stopped, after \d+ s$/,
      ),
      serving: '1.0.0',
    });
    // What was set is in the memory of the process: it is the same one.
    expect((await served()).sessions).toBe(2);
  });

  it('is not stopped when the count cannot be read, which is not 0', async () => {
    await set({ sessions: 'many' });
    expect(await install('1.1.1', 'require')).toMatchObject({
      error: 'SessionsAlone',
      message: expect.stringMatching(/^it is not known which of its sessions other servers hold/),
      serving: '1.0.0',
    });
    expect((await served()).sessions).toBe('many');
  });

  it('is stopped after the wait when the order says so, and the result has the count', async () => {
    await set({ sessions: 2 });
    expect(await install('1.1.2', 'try')).toMatchObject({ result: 'installed', sessionsAlone: 2, previousVersion: '1.0.0' });
    expect((await served()).sessions).not.toBe(2);
  });
});

it('lets a server stop at 0, and the result says so', async () => {
  await set({ sessions: 0 });
  const installed = await fleet.install(instanceId, '1.2.0', await release({}, CONTRACT), { fencingToken: '5' });
  expect(installOutput.parse(installed)).toMatchObject({ result: 'installed', sessionsAlone: 0 });
});
