/** A proxy stands in front of the store: what it says of a PING is no word about people. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IncidentRecord } from '../../functions/incidents/contract/incident.ts';
import { replicationGroupId } from '../../functions/shared/naming.ts';
import { startTraffic, type Traffic } from '../../lab/demo/traffic/client.ts';
import { until } from '../until.ts';
import { withFault } from './faults.ts';
import { kept } from './fleet.ts';
import { outageOf, PAGE } from './outage-world.ts';

const store = outageOf('proxy');
const { incidents } = store;
const proxyThat = (kind: 'pingOnly' | 'noPing') =>
  ({ on: 'store', match: { group: replicationGroupId('proxy') }, effect: { kind } }) as const;
const reported = (sinceMs: number): Promise<IncidentRecord> =>
  incidents.untilIt(({ report, running }) => report !== undefined && !running, sinceMs, 'the report', 330_000);
let traffic: Traffic;

beforeAll(async () => {
  traffic = startTraffic({ url: store.url(), caFile: kept.caFile, users: 20, thinkTimeMs: 1_000 });
  await traffic.ready;
}, 60_000);
afterAll(() => traffic?.stop().catch(() => {}));

describe('a proxy in front of the store', { timeout: 500_000 }, () => {
  const bob = store.browser('bob');
  let incident: IncidentRecord;

  it('has no answer to a PING, and passes everything else on: no page, and nobody is hurt', async () => {
    expect(await bob.logIn()).toMatchObject({ status: 200 });
    expect(await store.collect()).toBe(true);
    await withFault(proxyThat('noPing'), async () => {
      const sinceMs = Date.now();
      await store.setAlarm('ALARM');
      const quiet = await reported(sinceMs);
      const seen = JSON.stringify([quiet.finding, quiet.mitigations, quiet.troubles]);
      expect(quiet.mitigations['re-login-page']?.state ?? 'none', seen).not.toMatch(/^(?:done|undoing|ended)$/);
      expect(quiet.finding, seen).not.toMatchObject({ confidence: 'certain' });
      expect(await bob.send('GET', '/count')).toMatchObject({ status: 200 });
    });
    await store.setAlarm('OK');
    await incidents.forget();
  });

  it('answers every PING, and has lost the store: people are refused, and get the page', async () => {
    traffic.mark('during');
    incident = await withFault(proxyThat('pingOnly'), async () => {
      const sinceMs = Date.now();
      await until(async () => (await bob.send('GET', '/count')).status !== 200, 'the outage');
      // Of some minutes, as an alarm needs them: the load balancer counts its responses by the minute.
      await sleep(70_000);
      await store.setAlarm('ALARM');
      // The store's alarm has an incident of its own, which knows no cause; that of the users' errors puts the page up.
      const isUp = ({ mitigations }: IncidentRecord) => mitigations['re-login-page']?.state === 'done';
      const found = await incidents.untilIt(isUp, sinceMs, 'the page', 330_000);
      // A load balancer takes some seconds for a new rule.
      const shown = await until(async () => (await bob.send('GET', '/count')).body.includes(PAGE), 'the page in a browser', 30_000);
      expect(shown).toBe(true);
      await sleep(40_000);
      await incidents.tend();
      expect((await store.incident(found)).mitigations).toMatchObject({ 're-login-page': { state: 'done' } });
      return found;
    });
  });

  it('reaches the store again: the page ends, and the session of before works', async () => {
    await until(store.collect, 'a reading', 30_000);
    const over = await store.untilOver(incident, 're-login-page', 240_000);
    expect(over.mitigations, JSON.stringify(over.mitigations)).toMatchObject({ 're-login-page': { state: 'ended' } });
    expect(await until(async () => (await bob.send('GET', '/count')).status === 200, 'the session of before')).toBe(true);
  });
});
