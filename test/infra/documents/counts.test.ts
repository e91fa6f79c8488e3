/** What only the scripts themselves read: counts from text, and sessions. The rest: documents-conformance. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { observeOutput, waitIdleOutput } from '../../../functions/instance/document-contract.ts';
import { CONTRACT, release, STATUS_PORT_CONTRACT, TEXT_CONTRACT } from '../../local/aws/instances/fixture-release.ts';
import { startFleet, type TestFleet } from '../../local/aws/instances/test-fleet.ts';

let fleet: TestFleet;
let instanceId: string;
let url: string;

beforeAll(async () => {
  fleet = await startFleet();
  const machine = await fleet.launch();
  instanceId = machine.instanceId;
  url = `http://127.0.0.1:${machine.port}`;
  await fleet.install(instanceId, '1.0.0', await release());
}, 20_000);
afterAll(() => fleet.stop());

const run = async (document: string, parameters: Record<string, string>): Promise<unknown> =>
  JSON.parse((await fleet.run(instanceId, document, parameters)).StandardOutputContent);
const WATCH = { fencingToken: '5', sliceSeconds: '2', quietSeconds: '0.1' };

describe('a release', () => {
  it('reports the sessions in its memory', async () => {
    expect(waitIdleOutput.parse(await run('test-waitIdle', WATCH))).toMatchObject({ signal: 'counts', sessions: 7 });
    const gate = await run('test-observe', { attempts: '1', intervalSeconds: '0.1', confirmSeconds: '0.1' });
    expect(observeOutput.parse(gate)).toMatchObject({ lastAnswer: '200 UP', sessions: 7 });
  });

  it('reports counts in text', async () => {
    await fleet.install(instanceId, '1.1.0', await release({}, TEXT_CONTRACT), { fencingToken: '5' });
    await fetch(url);
    const output = waitIdleOutput.parse(await run('test-waitIdle', WATCH));
    expect(output).toMatchObject({ signal: 'counts', inFlight: 0, requests: 1 });
  });

  it('reports counts of a port that only probes use: another one for each local server', async () => {
    await fleet.install(instanceId, '1.2.0', await release({ statusPort: true }, STATUS_PORT_CONTRACT), { fencingToken: '5' });
    await fetch(url);
    const output = waitIdleOutput.parse(await run('test-waitIdle', WATCH));
    expect(output).toMatchObject({ signal: 'counts', inFlight: 0, requests: 1001, sessions: 7 });
    const other = await fleet.launch();
    const ports = [instanceId, other.instanceId].map((id) => fleet.instances.describe().find((one) => one.instanceId === id)?.statusPort);
    expect(new Set([...ports, other.port]).size).toBe(3);
  });
});

describe('with sessions to wait for', () => {
  const probe = (field: string) => ({ path: '/stats', field });
  const install = async (version: string, contract: object) =>
    fleet.install(instanceId, version, await release({}, { ...CONTRACT, ...contract }), { fencingToken: '5' });
  const set = (counts: object) => fetch(`${url}/set?counts=${encodeURIComponent(JSON.stringify(counts))}`);
  const look = async (sliceSeconds = '0') =>
    waitIdleOutput.parse(await run('test-waitIdle', { fencingToken: '5', quietSeconds: '0', sliceSeconds, watch: 'sessions' }));

  it('reports in one look how many are left, and how a rule knows them: by the id of the instance', async () => {
    await install('2.0.0', { session: { cookie: 'SID', timeoutSeconds: 1800 } });
    expect(await look()).toEqual({
      signal: 'sessions',
      sessions: 7,
      sessionCookie: 'SID',
      sessionRoute: instanceId,
      sessionTimeoutSeconds: 1800,
      quietSeconds: 0,
    });
  });

  it('shows the same to a dry run, by the document that only reads', async () => {
    const counting = { attempts: '0', intervalSeconds: '0', confirmSeconds: '0' };
    await install('2.0.1', { session: { cookie: 'SID', timeoutSeconds: 1800 } });
    const known = observeOutput.parse(await run('test-observe', { ...counting, sessions: 'known' }));
    expect(known).toMatchObject({ sessions: 7, sessionCookie: 'SID', sessionRoute: instanceId, sessionTimeoutSeconds: 1800 });
    expect(known).not.toHaveProperty('sessionsReason');
    expect(observeOutput.parse(await run('test-observe', counting)), 'unless it asks').not.toHaveProperty('sessionCookie');
    await install('2.0.2', { session: { cookie: 'SID', answeredCookie: probe('cookie') } });
    await set({ cookie: 'SHOP SID' });
    const two = observeOutput.parse(await run('test-observe', { ...counting, sessions: 'known' }));
    expect(two).toMatchObject({ sessionsReason: expect.stringContaining('more than one session cookie (SHOP, SID)') });
    expect(two).not.toHaveProperty('sessionCookie');
  });

  it('reads route and time-out where the contract has it', async () => {
    await install('2.1.0', {
      session: { cookie: 'SID', route: probe('route'), timeoutSeconds: { path: '/stats', pattern: '"sessions":"?-?([0-9]+)' } },
    });
    expect(await look()).toMatchObject({ sessionRoute: 's1', sessionTimeoutSeconds: 7 });
  });

  it('takes the cookie that the server has, and says how many sessions no cookie shows', async () => {
    await install('2.1.1', { session: { cookie: 'SID', answeredCookie: probe('cookie'), inUrls: probe('inUrls') } });
    await set({ cookie: 'SHOP', inUrls: 0 });
    const one = await look();
    expect(one).toMatchObject({ sessionCookie: 'SHOP' });
    expect(one).not.toHaveProperty('sessionsInUrls');
    await set({ cookie: 'SHOP SID', inUrls: 2 });
    const two = await look();
    expect(two).toMatchObject({
      sessionsInUrls: 2,
      reason: 'the server has more than one session cookie (SHOP, SID), and a rule knows sessions by one',
    });
    expect(two).not.toHaveProperty('sessionCookie');
  });

  it('says of sessions that never time out that they do not', async () => {
    await install('2.1.2', { session: { cookie: 'SID', timeoutSeconds: { path: '/stats', pattern: '"errors":([0-9]+)' } } });
    expect(await look()).not.toHaveProperty('sessionTimeoutSeconds');
    await install('2.1.3', { session: { cookie: 'SID', timeoutSeconds: probe('sessions') } });
    await set({ sessions: -1 });
    expect(await look()).toMatchObject({ sessionTimeoutSeconds: -1 });
    await set({ sessions: 7 });
  });

  it('asks for the sessions that began before a moment of the server’s own clock', async () => {
    await install('2.1.4', { session: { cookie: 'SID' }, sessions: { ...probe('begun'), before: 'began' } });
    const parameters = { fencingToken: '5', quietSeconds: '0', sliceSeconds: '0', watch: 'sessions', begunSeconds: '30' };
    const { sessions } = waitIdleOutput.parse(await run('test-waitIdle', parameters));
    expect(Date.now() - (sessions as number)).toBeGreaterThanOrEqual(30_000);
    expect(Date.now() - (sessions as number)).toBeLessThan(50_000);
    await install('2.1.5', { session: { cookie: 'SID', route: probe('route'), timeoutSeconds: 60 } });
  });

  it('ends a slice as soon as none is left, and no earlier', async () => {
    setTimeout(() => void set({ sessions: 2 }), 500);
    setTimeout(() => void set({ sessions: 0 }), 1_500);
    const startedMs = performance.now();
    expect(await look('20')).toMatchObject({ sessions: 0, sessionRoute: 's1' });
    expect(performance.now() - startedMs).toBeGreaterThan(1_000);
    expect(performance.now() - startedMs).toBeLessThan(12_000);
  });

  it.each([
    ['a count below 0', { sessions: -1 }, 'sessions is below 0'],
    ['a text', { sessions: '3' }, 'sessions is not a number'],
  ])('counts %s as unknown, never as 0', async (_what, counts, reason) => {
    await set(counts);
    const output = await look();
    expect(output).not.toHaveProperty('sessions');
    expect(output.reason).toBe(reason);
  });

  it.each([
    ['with a dot', 'i-1.x'],
    ['that is empty', ''],
    ['of 65 characters', 'a'.repeat(65)],
    ['that is a number', 5],
  ])('does not report a route %s', async (_what, route) => {
    await set({ sessions: 3, route });
    const output = await look();
    expect(output).not.toHaveProperty('sessionRoute');
    expect(output).toMatchObject({ sessions: 3, reason: 'session.route is not 1 to 64 letters, digits, _ and -' });
  });

  it('says what the contract lacks', async () => {
    const { sessions: _sessions, ...without } = CONTRACT;
    await fleet.install(instanceId, '2.2.0', await release({}, without), { fencingToken: '5' });
    expect(await look()).toEqual({
      signal: 'sessions',
      quietSeconds: 0,
      reason: "the release's contract has no sessions probe; the release's contract has no session.cookie",
    });
  });

  it('finds none at a placeholder', async () => {
    const { instanceId: fresh } = await fleet.launch();
    const parameters = { fencingToken: '5', quietSeconds: '0', sliceSeconds: '0', watch: 'sessions' };
    const { StandardOutputContent } = await fleet.run(fresh, 'test-waitIdle', parameters);
    expect(JSON.parse(StandardOutputContent)).toEqual({ signal: 'sessions', sessions: 0, placeholder: true, quietSeconds: 0 });
  });
});
