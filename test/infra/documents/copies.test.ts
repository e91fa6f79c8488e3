/** What a server says of the copies of its sessions, as the documents read it: before it leaves its users, and before its stop. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { installOutput, waitIdleOutput } from '../../../functions/instance/document-contract.ts';
import { CONTRACT, release } from '../../local/aws/instances/fixture-release.ts';
import { startFleet, type TestFleet } from '../../local/aws/instances/test-fleet.ts';

const probe = (field: string) => ({ path: '/stats', field });
const COPIES = { copies: { sessionsAlone: probe('sessions'), reason: probe('route') } };

let fleet: TestFleet;
let instanceId: string;
let url: string;
beforeAll(async () => {
  fleet = await startFleet();
  const machine = await fleet.launch();
  instanceId = machine.instanceId;
  url = `http://127.0.0.1:${machine.port}`;
  await fleet.install(instanceId, '1.0.0', await release({}, { ...CONTRACT, ...COPIES }));
}, 30_000);
afterAll(() => fleet.stop());

const set = (counts: object) => fetch(`${url}/set?counts=${encodeURIComponent(JSON.stringify(counts))}`);
const look = async (sliceSeconds = '0') => {
  const parameters = { fencingToken: '5', quietSeconds: '0', sliceSeconds, watch: 'copies' };
  return waitIdleOutput.parse(JSON.parse((await fleet.run(instanceId, 'test-waitIdle', parameters)).StandardOutputContent));
};

it('says how many no other server holds, and why', async () => {
  await set({ sessions: 3, route: '10.0.0.2:4000 is not\nreached' });
  expect(await look()).toEqual({ signal: 'sessions', quietSeconds: 0, sessionsAlone: 3, reason: '10.0.0.2:4000 is not reached' });
});

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

it('lets a server stop at 0, and the result says so', async () => {
  await set({ sessions: 0 });
  const installed = await fleet.install(instanceId, '1.1.0', await release({}, CONTRACT), { fencingToken: '5' });
  expect(installOutput.parse(installed)).toMatchObject({ result: 'installed', sessionsAlone: 0 });
});
