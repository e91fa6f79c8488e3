/** The runbook of a store that failed is stopped, and what it had set up to bridge the outage is ended by what tends incidents. */
import { setTimeout as sleep } from 'node:timers/promises';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { IncidentRecord } from '../../functions/incidents/contract/incident.ts';
import { textOf } from '../../functions/incidents/report/text.ts';
import { startTraffic, type Traffic } from '../../lab/demo/traffic/client.ts';
import { until } from '../until.ts';
import { withFault } from './faults.ts';
import { kept } from './fleet.ts';
import { withoutAlarms } from './incident-runs.ts';
import { outageOf, PAGE } from './outage-world.ts';

const store = outageOf('stopped', { healthCheckIntervalSeconds: 90 });
const { incidents } = store;
let traffic: Traffic;

// The page waits for users who are hurt: without any it is refused.
beforeAll(async () => {
  traffic = startTraffic({ url: store.url(), caFile: kept.caFile, users: 20, thinkTimeMs: 1_000 });
  await traffic.ready;
}, 60_000);
afterAll(() => traffic?.stop().catch(() => {}));

async function stop({ executionArn }: IncidentRecord): Promise<void> {
  await store.cloud().stepFunctions.send(new StopExecutionCommand({ executionArn, error: 'TestStopped' }));
  expect(await incidents.untilEnded(executionArn as string)).toBe('ABORTED');
}
const holder = async (): Promise<string | undefined> => (await store.cloud().records.getLock('web'))?.deployId;
const textAbout = async (incident: IncidentRecord): Promise<string> => textOf(await store.pageOf(incident));

describe('a runbook that is stopped in an outage', { timeout: 900_000 }, () => {
  const alice = store.browser('alice');
  const asks = async () => alice.send('GET', '/count');
  let members: readonly string[];
  let begun: IncidentRecord;

  /** The store answers nothing from now on. */
  async function fail(): Promise<number> {
    await store.collect();
    const sinceMs = Date.now();
    await store.keepServers();
    await store.pauseReplicas();
    await store.pausePrimary();
    return sinceMs;
  }
  async function recover(): Promise<void> {
    store.resumeAll();
    await until(store.collect, 'a reading', 60_000);
    await until(async () => (await asks()).status === 200, 'an answer of the servers', 60_000);
  }

  beforeEach(async () => void (await withoutAlarms()));
  beforeAll(async () => {
    members = (await store.group()).members;
    expect(await alice.logIn()).toMatchObject({ status: 200 });
  });

  it('while it shows the page: the page is removed, and the report names it', async () => {
    const sinceMs = await fail();
    // Its rule is there, and the step that made it has not heard so.
    const slow = {
      on: 'call',
      match: { service: 'elasticloadbalancing', action: 'CreateRule', caller: '*incidents-mitigate*' },
      when: { nth: 1 },
      effect: { kind: 'delay', ms: 15_000 },
    } as const;
    begun = await withFault(slow, async () => {
      await incidents.start({ runbook: 'store-failure' });
      const isActing = ({ mitigations }: IncidentRecord) => mitigations['re-login-page']?.state === 'acting';
      const found = await incidents.untilIt(isActing, sinceMs, 'the page', 330_000);
      await until(async () => (await asks()).body.includes(PAGE), 'the page at the load balancer');
      await stop(found);
      return found;
    });
    // The schedule's own turn can be at work, for as long as it asks the fleet's side: then it is the next one that ends the page.
    const isUndone = async () => {
      await incidents.tend();
      return (await store.incident(begun)).mitigations['re-login-page']?.state === 'undone' || sleep(5_000, false);
    };
    await until(isUndone, 'the end of the page', 330_000);
    // Nothing stops the step itself: its call comes once more, and is undone by it.
    await sleep(25_000);
    const tended = await store.incident(begun);
    // It can have ended before its last report, or only in its look after the page.
    for (const trouble of tended.troubles ?? []) expect(trouble).toContain('the runbook ended as ABORTED in the stage');
    expect(tended.mitigations, JSON.stringify(tended.mitigations)).toMatchObject({
      're-login-page': { state: 'undone' },
    });
    expect(tended.unsent).toBeUndefined();
    expect(tended.report).toBeDefined();
    expect((await asks()).body).not.toContain(PAGE);
    expect(await textAbout(tended)).toMatch(/re-login-page .*was undone/);
  });

  it('and whose incident is over: it is closed', async () => {
    const { incidentId } = begun;
    await recover();
    const isClosed = async () => {
      // The alarm is OK by its own metric; its event is lost, so that a turn finds it a minute later. A state that is set here would be
      // judged anew each minute, and be too young for a turn each time.
      await store.collect();
      // As if the quiet period had passed.
      await incidents.records.change(incidentId, { quietSinceMs: 1 });
      await incidents.tend();
      return (await incidents.records.getIncident(incidentId))?.stage === 'closed' || sleep(5_000, false);
    };
    await until(isClosed, 'its end', 330_000);
    const closed = (await incidents.records.getIncident(incidentId)) as IncidentRecord;
    expect(closed.mitigations).toMatchObject({ 're-login-page': { state: 'undone' } });
    expect(await holder()).toBeUndefined();
    await store.giveServersBack();
    expect((await store.group()).members).toEqual(members);
  });

  it('while it looks after the page: that is kept until the store is well, and then ended', async () => {
    await incidents.forget();
    await store.untilHealthy();
    const sinceMs = await fail();
    await incidents.start({ runbook: 'store-failure' });
    const inEffect = { 're-login-page': { state: 'done' } };
    const isShown = ({ mitigations }: IncidentRecord) => mitigations['re-login-page']?.state === 'done';
    const incident = await incidents.untilIt(isShown, sinceMs, 'the page, which a person asks for after the report', 330_000);
    await stop(incident);
    await incidents.tend();
    expect((await store.incident(incident)).mitigations).toMatchObject(inEffect);
    expect((await asks()).body).toContain(PAGE);

    store.resumeAll();
    await until(store.collect, 'a reading', 60_000);
    const ended = { state: 'ended', detail: 'the store is well again' };
    // Most servers have to be up twice, a minute apart.
    const withPage = await store.untilOver(incident, 're-login-page', 240_000, async () => {
      await incidents.tend();
      await sleep(10_000);
    });
    expect(withPage.mitigations).toMatchObject({ 're-login-page': ended });
    await until(async () => (await asks()).status === 200, 'the session of before', 60_000);

    await store.giveServersBack();
    expect(await holder()).toBeUndefined();
    expect(await store.group()).toEqual({ members, suspended: [] });
    expect((await textAbout(withPage)).replaceAll(/\s+/g, ' ')).toMatch(
      /re-login-page was carried out, and undone at [0-9:]+ UTC: the store is well again/,
    );
  });
});
