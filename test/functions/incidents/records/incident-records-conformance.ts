import { beforeEach, describe, expect, it } from 'vitest';
import type { MitigationRecord, Sign } from '../../../../functions/incidents/contract/incident.ts';
import type { IncidentPointer, IncidentRecords } from '../../../../functions/incidents/records/incident-records.ts';

const HOUR_MS = 3_600_000;
const NOW = 100 * HOUR_MS;
const pointer = (incidentId: string, more: Partial<IncidentPointer> = {}): IncidentPointer => ({
  incidentId,
  fingerprint: 'logged-out/web',
  runbook: 'logged-out',
  fleet: 'web',
  openedAtMs: NOW,
  ...more,
});
const ID = 'inc-000000000001';
const OTHER = 'inc-000000000002';
const sign = (atMs: number, state: Sign['state'] = 'ALARM', from = 'holdfast-web-refusals'): Sign => ({ from, state, atMs });
const planned: MitigationRecord = {
  name: 'restore-stickiness',
  target: { incidentId: ID, fleet: 'web' },
  run: 1,
  mode: 'auto',
  state: 'planned',
  calls: [{ service: 'elbv2', operation: 'ModifyTargetGroupAttributes', input: { Attributes: [{ Key: 'a', Value: 'true' }] } }],
  undo: { from: { a: 'false' } },
};
const KEY = 'restore-stickiness';
const count = (answers: readonly boolean[]): number => answers.filter(Boolean).length;

export function describeIncidentRecords(name: string, create: () => Promise<IncidentRecords> | IncidentRecords): void {
  describe(`incidents on record: ${name}`, () => {
    let records: IncidentRecords;
    beforeEach(async () => {
      records = await create();
    });
    const mitigation = async () => (await records.getIncident(ID))?.mitigations[KEY];

    describe('the pointer of a fingerprint', () => {
      it('is created by one of several that come at once', async () => {
        const ids = Array.from({ length: 8 }, (_, at) => `inc-00000000000${at}`);
        const won = await Promise.all(ids.map((id) => records.putPointer(pointer(id), undefined)));
        expect(count(won)).toBe(1);
        expect(await records.getPointer('logged-out/web')).toEqual(pointer(ids[won.indexOf(true)] as string));
      });

      it('is closed, opened again and replaced only as it was seen', async () => {
        const open = pointer(ID);
        const closed = { ...open, closedAtMs: NOW + 1 };
        expect(await records.putPointer(open, undefined)).toBe(true);
        expect(await records.putPointer(closed, open)).toBe(true);
        // Who saw it open, or closed at another time, writes nothing.
        for (const seen of [open, { ...open, closedAtMs: NOW + 2 }, pointer(OTHER), undefined]) {
          expect(await records.putPointer(pointer(OTHER), seen)).toBe(false);
        }
        expect(await records.putPointer(open, closed)).toBe(true);
        expect(await records.pointers()).toEqual([open]);
        await records.deletePointer(open.fingerprint);
        expect(await records.getPointer(open.fingerprint)).toBeUndefined();
      });
    });

    it('has the incident of a pointer once, however many create it', async () => {
      await Promise.all([records.ensureIncident(pointer(ID)), records.ensureIncident(pointer(ID))]);
      await records.change(ID, { stage: 'deciding' });
      expect(await records.ensureIncident(pointer(ID))).toMatchObject({ incidentId: ID, fleet: 'web', stage: 'deciding', runs: 0 });
      await records.ensureIncident(pointer(OTHER, { openedAtMs: NOW + 5, fingerprint: 'store-failure' }));
      expect((await records.latestIncidents(1)).map(({ incidentId }) => incidentId)).toEqual([OTHER]);
      expect((await records.findIncidents('inc-00000000000')).map(({ incidentId }) => incidentId)).toEqual([OTHER, ID]);
    });

    describe('signs', () => {
      beforeEach(() => records.ensureIncident(pointer(ID)));

      it('count once, and none that is older than the latest of its alarm', async () => {
        expect(await records.addSign(ID, sign(10))).toMatchObject({ signCount: 1 });
        expect(await records.addSign(ID, sign(10))).toBeUndefined();
        expect(await records.addSign(ID, sign(9, 'OK'))).toBeUndefined();
        expect(await records.addSign(ID, sign(9, 'ALARM', 'person'))).toMatchObject({ signCount: 2 });
        expect((await records.addSign(ID, sign(11, 'OK')))?.alarms).toEqual({
          'holdfast-web-refusals': { state: 'OK', atMs: 11, firedAtMs: 10 },
          person: { state: 'ALARM', atMs: 9, firedAtMs: 9 },
        });
      });

      it('keep when their alarm fired first, as it is given, and that it only joins', async () => {
        await records.addSign(ID, sign(10), { firedAtMs: 4, joins: true });
        expect((await records.addSign(ID, sign(11, 'OK')))?.alarms).toEqual({
          'holdfast-web-refusals': { state: 'OK', atMs: 11, firedAtMs: 4, joins: true },
        });
      });

      it('of an alarm that never fired for the incident change nothing by being OK', async () => {
        expect(await records.addSign(ID, sign(10, 'OK'))).toBeUndefined();
        expect(await records.getIncident(ID)).toMatchObject({ alarms: {}, signCount: 0 });
      });

      it('are counted when there is no room for them any more', async () => {
        for (let at = 1; at <= 52; at += 1) await records.addSign(ID, sign(at));
        const incident = await records.getIncident(ID);
        expect([incident?.signs.length, incident?.signCount, incident?.alarms['holdfast-web-refusals']?.atMs]).toEqual([50, 52, 52]);
      });

      it('leave the later change of an alarm as the known one', async () => {
        expect(await records.noteAlarm('any', 'OK', 5)).toEqual({ state: 'OK', atMs: 5 });
        expect(await records.noteAlarm('any', 'ALARM', 4)).toEqual({ state: 'OK', atMs: 5 });
        expect(await records.noteAlarm('any', 'ALARM', 6)).toEqual({ state: 'ALARM', atMs: 6 });
      });
    });

    describe('a run', () => {
      beforeEach(() => records.ensureIncident(pointer(ID)));

      it('is begun by one execution, however often its first step comes', async () => {
        const begun = await Promise.all(['arn:a', 'arn:b', 'arn:c'].map((arn) => records.beginRun(ID, 1, arn, NOW)));
        expect(begun.filter((one) => one !== undefined)).toHaveLength(1);
        const { executionArn = '' } = (await records.getIncident(ID)) ?? {};
        expect(await records.beginRun(ID, 1, executionArn, NOW + 1)).toMatchObject({ runs: 1, running: true });
        expect(await records.beginRun(ID, 2, 'arn:d', NOW)).toBeUndefined();
        await records.change(ID, { stage: 'watching' }, { remove: ['running'] });
        expect(await records.beginRun(ID, 1, 'arn:d', NOW)).toBeUndefined();
        expect(await records.beginRun(ID, 2, 'arn:d', NOW)).toMatchObject({ runs: 2, executionArn: 'arn:d' });
      });

      it('changes nothing of an incident that another execution works on', async () => {
        await records.beginRun(ID, 1, 'arn:a', NOW);
        expect(await records.change(ID, { stage: 'deciding' }, { ifExecution: 'arn:b' })).toBeUndefined();
        expect(await records.change(ID, { stage: 'deciding' }, { ifExecution: 'arn:a' })).toMatchObject({ stage: 'deciding' });
        expect(await records.change(OTHER, { stage: 'deciding' })).toBeUndefined();
      });

      it('names each trouble once', async () => {
        for (const sentence of ['one', 'one', 'two']) await records.addTrouble(ID, sentence);
        await records.addTrouble(OTHER, 'of no incident');
        expect((await records.getIncident(ID))?.troubles).toEqual(['one', 'two']);
      });
    });

    describe('a mitigation', () => {
      beforeEach(() => records.ensureIncident(pointer(ID)));

      it('moves from the states that are named, and keeps what is not changed', async () => {
        await records.putMitigation(ID, KEY, planned);
        expect(await records.moveMitigation(ID, KEY, ['verifying', 'done'], { state: 'undone' })).toBe(false);
        expect(await records.moveMitigation(ID, KEY, ['planned', 'acting'], { state: 'acting', actedAtMs: NOW })).toBe(true);
        expect(await mitigation()).toEqual({ ...planned, state: 'acting', actedAtMs: NOW });
        // Without a state it stays in its own.
        expect(await records.moveMitigation(ID, KEY, ['acting'], { detail: 'so far' })).toBe(true);
        expect(await mitigation()).toMatchObject({ state: 'acting', detail: 'so far' });
      });

      it('is moved as that of its run alone, where one is named', async () => {
        await records.putMitigation(ID, KEY, planned);
        expect(await records.moveMitigation(ID, KEY, ['planned'], { state: 'acting' }, { ofRun: planned.run + 1 })).toBe(false);
        expect(await mitigation()).toEqual(planned);
        expect(await records.moveMitigation(ID, KEY, ['planned'], { state: 'acting' }, { ofRun: planned.run })).toBe(true);
      });

      it('is moved by one of several that come at once', async () => {
        await records.putMitigation(ID, KEY, { ...planned, state: 'planned' });
        const answers = (['acting', 'refused', 'acting', 'refused'] as const).map((state) =>
          records.moveMitigation(ID, KEY, ['planned'], { state }),
        );
        expect(count(await Promise.all(answers))).toBe(1);
      });

      it('that is not on record is not moved, and none is added to an incident that is not there', async () => {
        expect(await records.moveMitigation(ID, KEY, ['planned'], { state: 'acting' })).toBe(false);
        expect(await records.moveMitigation(OTHER, KEY, ['planned'], { state: 'acting' })).toBe(false);
        await records.putMitigation(OTHER, KEY, planned);
        expect(await records.getIncident(OTHER)).toBeUndefined();
      });

      it('of each of several fleets has a record of its own', async () => {
        await records.putMitigation(ID, 're-login-page@web', { ...planned, name: 're-login-page' });
        await records.putMitigation(ID, 're-login-page@shop', { ...planned, name: 're-login-page' });
        await records.moveMitigation(ID, 're-login-page@shop', ['planned'], { state: 'done' });
        expect((await records.getIncident(ID))?.mitigations).toMatchObject({
          're-login-page@web': { state: 'planned' },
          're-login-page@shop': { state: 'done' },
        });
      });
    });

    it('moves a mitigation only while none of the others is in a state that is named', async () => {
      await records.ensureIncident(pointer(ID));
      const one = { name: 're-login-page', target: { incidentId: ID }, run: 1, mode: 'auto', state: 'planned', calls: [] } as const;
      await records.putMitigation(ID, 're-login-page', one);
      await records.putMitigation(ID, 'stop-deploy', { ...one, name: 'stop-deploy', state: 'acting' });
      const move = () =>
        records.moveMitigation(
          ID,
          're-login-page',
          ['planned'],
          { state: 'acting' },
          { unless: { others: ['stop-deploy', 'sweep-now'], in: ['acting', 'verifying'] } },
        );
      expect(await move()).toBe(false);
      await records.moveMitigation(ID, 'stop-deploy', ['acting'], { state: 'done' });
      expect(await move()).toBe(true);
    });

    describe('the budget of mitigations', () => {
      it('gives as many places as it has to claims that come at once', async () => {
        const claims = Array.from({ length: 5 }, (_, at) => `claim-${at}`);
        const taken = await Promise.all(claims.map((claim) => records.takeBudget({ of: 'web', claim }, 3, NOW)));
        expect(count(taken)).toBe(3);
        // Each keeps the place that it has, and takes no second one.
        expect(await Promise.all(claims.map((claim) => records.takeBudget({ of: 'web', claim }, 3, NOW + 1)))).toEqual(taken);
      });

      it('gives a place back, once, to whom it is needed next', async () => {
        expect(await records.takeBudget({ of: 'web', claim: 'a' }, 1, NOW)).toBe(true);
        await records.giveBackBudget('unknown');
        expect(await records.takeBudget({ of: 'web', claim: 'b' }, 1, NOW)).toBe(false);
        for (let times = 0; times < 2; times += 1) await records.giveBackBudget('a');
        expect(await records.takeBudget({ of: 'web', claim: 'b' }, 1, NOW + 1)).toBe(true);
        expect(await records.takeBudget({ of: 'web', claim: 'a' }, 1, NOW + 2)).toBe(false);
      });

      it('gives a place again an hour after it was taken, and not before', async () => {
        expect(await records.takeBudget({ of: 'web', claim: 'a' }, 1, NOW)).toBe(true);
        expect(await records.takeBudget({ of: 'web', claim: 'b' }, 1, NOW + HOUR_MS - 1)).toBe(false);
        expect(await records.takeBudget({ of: 'web', claim: 'b' }, 1, NOW + HOUR_MS)).toBe(true);
        expect(await records.takeBudget({ of: 'web', claim: 'a' }, 1, NOW + HOUR_MS)).toBe(false);
      });

      it('is one for each fleet, and one for the store', async () => {
        expect(await records.takeBudget({ of: 'web', claim: 'a' }, 1, NOW)).toBe(true);
        expect(await records.takeBudget({ of: 'shop', claim: 'b' }, 1, NOW)).toBe(true);
        expect(await records.takeBudget({ claim: 'c' }, 1, NOW)).toBe(true);
        expect(await records.takeBudget({ claim: 'd' }, 1, NOW)).toBe(false);
        expect(await records.takeBudget({ of: 'web', claim: 'e' }, 1, NOW)).toBe(false);
        expect(await records.takeBudget({ of: 'web', claim: 'a' }, 1, NOW)).toBe(true);
      });

      it('of zero gives none', async () => {
        expect(await records.takeBudget({ of: 'web', claim: 'a' }, 0, NOW)).toBe(false);
      });
    });

    it('has one turn at a time, until it ends or its time is up, and a turn ends no other', async () => {
      const begun = await Promise.all([records.beginTurn('a', NOW, NOW + 10), records.beginTurn('b', NOW, NOW + 10)]);
      expect(count(begun)).toBe(1);
      const [first, second] = begun[0] ? ['a', 'b'] : ['b', 'a'];
      expect(await records.beginTurn(first, NOW, NOW + 10), 'the same call, sent again since its answer was lost').toBe(true);
      await records.endTurn(second);
      expect(await records.beginTurn(second, NOW + 1, NOW + 20)).toBe(false);
      await records.endTurn(first);
      expect(await records.beginTurn(second, NOW + 1, NOW + 20)).toBe(true);
      for (const atMs of [NOW + 19, NOW + 20]) expect(await records.beginTurn('c', atMs, NOW + 30)).toBe(atMs >= NOW + 20);
    });

    it('has one look-up of CloudTrail at a time, and what the latest one found', async () => {
      const found = { atMs: NOW, fromMs: NOW - 10, changes: [], failed: ['ModifyRule'], failure: 'TimeoutError', cut: { ModifyUser: NOW } };
      expect(await records.getLookUp()).toBeUndefined();
      const begun = await Promise.all(['a', 'b'].map((owner) => records.putLookUp(owner, NOW, NOW + 10)));
      expect(count(begun)).toBe(1);
      const [first, second] = begun[0] ? ['a', 'b'] : ['b', 'a'];
      expect(await records.putLookUp(first, NOW, NOW + 10), 'the same call, sent again since its answer was lost').toBe(true);
      expect(await records.putLookUp(second, NOW, NOW + 10, { ...found, failed: [] })).toBe(false);
      expect(await records.getLookUp()).toBeUndefined();
      expect(await records.putLookUp(first, NOW, NOW + 10, found)).toBe(true);
      expect(await records.putLookUp(second, NOW + 9, NOW + 20)).toBe(false);
      expect(await records.getLookUp()).toEqual(found);
      expect(await records.beginTurn(second, NOW, NOW + 10), 'a turn is another claim').toBe(true);
      // What it found is not read in place of what the next one looks up, nor put there too late.
      expect(await records.putLookUp(second, NOW + 10, NOW + 20)).toBe(true);
      expect(await records.getLookUp()).toBeUndefined();
      expect(await records.putLookUp(first, NOW, NOW + 10, found)).toBe(false);
      expect(await records.getLookUp()).toBeUndefined();
    });

    it('has one secret for the hashes of session ids, the first that was proposed', async () => {
      const first = await records.hashSecret(() => 'first');
      expect(first).toBe('first');
      expect(await records.hashSecret(() => 'second')).toBe('first');
    });
  });
}
