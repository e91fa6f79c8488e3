/**
 * The store of an installation fails, and comes back by a failover: its users see a page meanwhile, a person keeps its servers, the session
 * cookie works afterwards, and what users had begun is offered again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IncidentRecord } from '../../functions/incidents/contract/incident.ts';
import type { DeployRecord } from '../../functions/records/types.ts';
import { startTraffic, type Traffic } from '../../lab/demo/traffic/client.ts';
import { spawnCli } from '../cli/run-cli.ts';
import { until } from '../until.ts';
import { withFault } from './faults.ts';
import { kept } from './fleet.ts';
import { outageOf, PAGE, SERVERS } from './outage-world.ts';

const USERS = 20;
/** Their sessions reach the primary alone. */
const LATE = Array.from({ length: 6 }, (_, index) => `late-${index}`);
/** No server answers the mitigating function. */
const SILENT = {
  on: 'call',
  match: { service: 'ssm', action: 'SendCommand', caller: '*incidents-mitigate*' },
  when: {},
  effect: { kind: 'error', code: 'InternalServerError', status: 500, message: 'a fault of this test' },
} as const;
const store = outageOf('outage');
const { incidents } = store;
let traffic: Traffic;

beforeAll(async () => {
  traffic = startTraffic({ url: store.url(), caFile: kept.caFile, users: USERS, thinkTimeMs: 1_000 });
  await traffic.ready;
}, 60_000);
afterAll(() => traffic?.stop().catch(() => {}));

describe('a store that fails', { timeout: 400_000 }, () => {
  const alice = store.browser('alice');
  const bob = store.browser('bob');
  const late = LATE.map(store.browser);
  let members: readonly string[];
  let incident: IncidentRecord;

  it('finds users with sessions, and an order that was begun', async () => {
    for (const user of [alice, bob]) expect(await user.logIn()).toMatchObject({ status: 200 });
    const order = await alice.send('POST', '/orders', { id: 'order-1', item: 'a book', quantity: 1 });
    expect([order.status, JSON.parse(order.body)]).toEqual([201, expect.objectContaining({ outlivesSession: true })]);
    expect(await store.collect()).toBe(true);
    members = (await store.group()).members;
    expect(members).toHaveLength(SERVERS);
  });

  it('is found by the runbook of its alarm, which shows a page, and prints how a person keeps the servers', async () => {
    await store.pauseReplicas();
    await store.breakLinks();
    for (const user of late) expect(await user.logIn()).toMatchObject({ status: 200 });
    await store.collect();
    const sinceMs = Date.now();
    traffic.mark('during');
    await store.pausePrimary();
    await store.keepServers();
    await store.setAlarm('ALARM');
    // Its users' errors can open an incident of their own, which leaves the store to this one.
    const isShown = ({ runbook, mitigations }: IncidentRecord) =>
      runbook === 'store-failure' && mitigations['re-login-page']?.state === 'done';
    incident = await incidents.untilIt(isShown, sinceMs, 'the page, which a person asks for after the report', 330_000);
    const seen = JSON.stringify([incident.finding, incident.mitigations, incident.troubles]);
    // Its nodes are silent, and refuse nothing: it is likely, and a person has said yes.
    expect(incident.finding, seen).toMatchObject({ verdict: 'cause', cause: 'store-down', confidence: 'likely' });
    expect(incident.mitigations, seen).toMatchObject({ 're-login-page': { state: 'done' } });
    expect((await store.pageOf(incident)).next.flatMap(({ commands }) => commands)).toContainEqual(
      expect.stringContaining('suspend-processes --auto-scaling-group-name'),
    );
    expect((await store.cloud().records.getLock('web'))?.deployId).toBeUndefined();
  });

  it('shows its page to every user, and counts what they have begun', async () => {
    const seen = await until(async () => {
      const answer = await alice.send('GET', '/');
      return answer.body.includes(PAGE) && answer;
    }, 'the page');
    expect(seen.status).toBe(503);
    expect(await bob.send('GET', '/count')).toMatchObject({ status: 503, body: expect.stringContaining(PAGE) });
    expect((await store.pageOf(incident)).people).toContainEqual(expect.stringMatching(/^1 critical action of fleet web is pending/));
  });

  it('loses no server to Auto Scaling, and keeps the page as long as it is away', async () => {
    // Every check of the load balancer has failed by then, and a replacement would have been launched.
    await sleep(70_000);
    await incidents.tend();
    expect((await store.incident(incident)).mitigations).toMatchObject({
      're-login-page': { state: 'done' },
    });
    expect((await store.group()).members).toEqual(members);
    expect(await bob.send('GET', '/count')).toMatchObject({ status: 503, body: expect.stringContaining(PAGE) });
  });

  it('comes back by a failover, and the page ends by itself, also while Systems Manager is silent', async () => {
    await withFault(SILENT, async () => {
      await incidents.tend();
      expect((await store.incident(incident)).mitigations).toMatchObject({ 're-login-page': { state: 'done' } });
      const old = await store.primary();
      await store.killPrimary();
      store.resumeAll();
      await until(async () => ![undefined, old].includes(await store.primary()), 'the failover', 60_000);
      await until(store.collect, 'a reading', 30_000);
      // The runbook looks every half minute: the store has to work from the network of the fleet twice, a minute apart.
      const withPage = await store.untilOver(incident, 're-login-page', 240_000);
      expect(withPage.mitigations, JSON.stringify(withPage.mitigations)).toMatchObject({
        're-login-page': { state: 'ended', detail: 'the store is well again' },
      });
    });
  });

  it('lets an operator restart a server meanwhile', async () => {
    const flags = ['--fleet', 'web', '--installation', 'outage', '--json'];
    const folder = process.env['HOLDFAST_STATE_FOLDER'] as string;
    // A test leaves a command after 25 s, which says what still runs: its server is drained, and proven by the load balancer.
    const { stdout, stderr } = await spawnCli(folder, ['restart', members[0] as string, ...flags]);
    const { deploy } = JSON.parse(stdout) as { readonly deploy: DeployRecord };
    const isDone = async () => (await store.cloud().records.getDeploy('web', deploy.deployId))?.status === 'SUCCEEDED';
    expect(await until(isDone, 'the restart', 120_000), stdout + stderr).toBe(true);
    expect((await store.group()).members).toEqual(members);
  });

  it('has its users where they were: the same cookie works, and no request fails any more', async () => {
    expect(await until(async () => (await bob.send('GET', '/count')).status === 200, 'the session of before')).toBe(true);
    const { status, body } = await alice.send('GET', '/orders');
    expect([status, JSON.parse(body)]).toEqual([200, { orders: [{ id: 'order-1', item: 'a book', quantity: 1 }] }]);
    await sleep(3_000);
    traffic.mark('after');
    await sleep(8_000);
    const report = await traffic.snapshot();
    expect(report.phases.after.failed, JSON.stringify(report.failedBy)).toBe(0);
    expect(report.phases.after.requests).toBeGreaterThan(50);
    expect(report.sessions).toBe(USERS);
    expect(report.phases.during.failed).toBeGreaterThan(0);
  });

  it('has the sessions that it lost within the bounds of its estimate', async () => {
    const answers = await Promise.all(late.map((user) => user.send('GET', '/count')));
    const { losses } = await traffic.snapshot();
    const lost = answers.filter(({ status }) => status === 401).length + (losses.signedOut?.count ?? 0) + (losses.noUser?.count ?? 0);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(LATE.length);
    // An alarm of the outage can have started one more by itself.
    const { runs: before } = await store.incident(incident);
    await incidents.start({ runbook: 'store-failure' });
    const isReported = async () => {
      const { runs, running } = await store.incident(incident);
      return runs > before && !running;
    };
    await until(isReported, 'the report of another run', 330_000);
    const { people } = await store.pageOf(incident);
    const sentence = people.find((fact) => fact.startsWith('The failover lost')) ?? '';
    const [, low, high] = /\((\d+) to (\d+)\)/.exec(sentence) ?? /lost ()(\d+) session/.exec(sentence) ?? [];
    expect(lost, JSON.stringify(people)).toBeGreaterThanOrEqual(Number(low));
    expect(lost, JSON.stringify(people)).toBeLessThanOrEqual(Number(high));
    // The store answers: nothing is shown again for an outage that is over.
    expect((await store.incident(incident)).mitigations).toMatchObject({ 're-login-page': { state: 'ended' } });
  });

  it('has an order that was begun offered again after a new login, once it is gone with the session', async () => {
    const again = store.browser('alice');
    expect(await again.logIn()).toMatchObject({ status: 200 });
    const offered = JSON.parse((await again.send('GET', '/orders')).body);
    expect(offered).toEqual({ orders: [{ id: 'order-1', item: 'a book', quantity: 1, offeredAgain: true }] });
    expect(await again.send('POST', '/orders/order-1/confirm')).toMatchObject({ status: 200 });
    expect(JSON.parse((await again.send('GET', '/orders')).body)).toEqual({ orders: [] });
  });

  it('has its servers as they were, once they are set Healthy and the processes are resumed', async () => {
    await store.giveServersBack();
    await sleep(20_000);
    expect(await store.group()).toEqual({ members, suspended: [] });
    expect((await store.cloud().records.getLock('web'))?.deployId).toBeUndefined();
  });
});
