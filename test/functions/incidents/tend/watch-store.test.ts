import { expect, it } from 'vitest';
import type { Witnessed } from '../../../../functions/incidents/contract/store-facts.ts';
import { watchStore } from '../../../../functions/incidents/tend/tend-alarms.ts';
import { memoryIncidentRecords } from '../memory-incident-records.ts';

const BEGAN = 10_000_000;
const ID = 'inc-000000000001';
const ALARM = 'holdfast-store-failover';

async function watch(alarm: 'ALARM' | 'OK', okAfterMs = Number.POSITIVE_INFINITY, fleets = ['web', 'shop']) {
  const records = memoryIncidentRecords();
  const pointer = { incidentId: ID, fingerprint: 'store-failure', runbook: 'store-failure', openedAtMs: BEGAN } as const;
  await records.putPointer(pointer, undefined);
  await records.ensureIncident(pointer);
  await records.addSign(ID, { from: ALARM, state: alarm, atMs: BEGAN });
  let nowMs = BEGAN + 2_000;
  const asked: string[] = [];
  await watchStore(
    {
      records,
      fleets,
      async askWitness(fleet): Promise<Witnessed> {
        asked.push(`${fleet} ${(nowMs - BEGAN) / 1_000}`);
        if (fleet === 'shop') throw new Error('it was ended');
        return { fleet, atMs: nowMs, state: 'unreachable', tookMs: 8_000, signIn: 'iam' };
      },
      async pause(ms) {
        nowMs += ms;
        if (nowMs >= BEGAN + okAfterMs) await records.addSign(ID, { from: ALARM, state: 'OK', atMs: nowMs });
      },
      now: () => nowMs,
    },
    BEGAN,
  );
  return { asked, record: await records.getIncident(ID) };
}

it('asks each fleet once a minute until the next turn, and keeps what it answers', async () => {
  const { asked, record } = await watch('ALARM');
  expect(asked.filter((one) => one.startsWith('web'))).toEqual(['web 2', 'web 62', 'web 122', 'web 182', 'web 242']);
  expect(record?.witnessed?.map(({ atMs }) => atMs - BEGAN)).toEqual([2_000, 62_000, 122_000, 182_000, 242_000]);
});

it('asks nobody while no alarm is on, and ends when it goes off', async () => {
  expect((await watch('OK')).asked).toEqual([]);
  expect((await watch('ALARM', undefined, [])).asked).toEqual([]);
  expect((await watch('ALARM', 90_000)).asked.filter((one) => one.startsWith('web'))).toEqual(['web 2', 'web 62']);
});
