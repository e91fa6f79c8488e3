import { beforeEach, describe, expect, it } from 'vitest';
import type { Records, TargetCondition } from '../../../functions/records/records.ts';
import { MAX_PHASES } from '../../../functions/records/touched-targets.ts';
import type { ReleaseRecord } from '../../../functions/records/types.ts';
import { describeLocks } from './lock-conformance.ts';
import { deploy } from './sample-deploy.ts';

const release = (version: string, publishedAtMs = 1): ReleaseRecord => ({
  fleet: 'web',
  version,
  sha256: 'a'.repeat(64),
  sizeBytes: 10,
  publishedAtMs,
  publishedBy: 'ann',
  app: { start: ['node', 'server.mjs'], port: 8080, health: { loadBalancer: '/live', ready: '/health' } },
});

const waiting = { phase: 'waiting', order: 0, fromVersion: '1', phaseStartedAtMs: 1 } as const;

/** What every adapter of {@link Records} does. @param create gives empty records, for each test anew */
export function describeRecords(name: string, create: () => Promise<Records> | Records): void {
  let records: Records;
  beforeEach(async () => {
    records = await create();
  });

  describe(`${name}: fleets and releases`, () => {
    it('makes no release current by publishing it', async () => {
      expect(await records.putRelease(release('1', 5))).toBe(true);
      expect(await records.putRelease(release('2', 6))).toBe(true);
      expect(await records.getFleet('web')).toBeUndefined();
    });

    it('refuses to change a release', async () => {
      await records.putRelease(release('1', 5));
      expect(await records.putRelease({ ...release('1', 9), sha256: 'b'.repeat(64) })).toBe(false);
      expect(await records.getRelease('web', '1')).toEqual(release('1', 5));
    });

    it('lists the releases of one fleet, newest first', async () => {
      for (const [version, at] of [
        ['1', 5],
        ['10', 7],
        ['2', 6],
      ] as const)
        await records.putRelease(release(version, at));
      await records.putRelease({ ...release('9', 9), fleet: 'web-two' });
      expect((await records.listReleases('web')).map(({ version }) => version)).toEqual(['10', '2', '1']);
    });

    it('keeps one record per instance, and none after it is deleted', async () => {
      await records.putInstance('web', { instanceId: 'i-1', version: '1', installedAtMs: 1 });
      await records.putInstance('web', { instanceId: 'i-1', version: '2', installedAtMs: 2 });
      await records.putInstance('web', { instanceId: 'i-2', version: '1', installedAtMs: 1 });
      await records.deleteInstance('web', 'i-2');
      await records.deleteInstance('web', 'i-3');
      expect(await records.getInstances('web')).toEqual([{ instanceId: 'i-1', version: '2', installedAtMs: 2 }]);
    });

    it('keeps the latest registrations of an instance, and forgets them with it', async () => {
      expect(await records.getRegistrations('web', 'i-1')).toBeUndefined();
      await records.putRegistrations('web', 'i-1', { deployId: 'd1', registrations: [{ port: 8081 }] });
      await records.putRegistrations('web', 'i-1', { deployId: 'd2', registrations: [{ port: 8082, availabilityZone: 'all' }, {}] });
      expect(await records.getRegistrations('web', 'i-1')).toEqual({
        deployId: 'd2',
        registrations: [{ port: 8082, availabilityZone: 'all' }, {}],
      });
      expect(await records.getInstances('web')).toEqual([]);
      await records.deleteInstance('web', 'i-1');
      expect(await records.getRegistrations('web', 'i-1')).toBeUndefined();
    });

    it('moves the current release, also twice by the same deploy', async () => {
      await records.putRelease(release('1'));
      const promotion = { version: '2', sha256: 'b'.repeat(64), deployId: 'd1', fencingToken: 3, atMs: 9 };
      expect([await records.promote('web', promotion), await records.promote('web', promotion)]).toEqual([true, true]);
      expect(await records.getFleet('web')).toEqual({
        fleet: 'web',
        currentVersion: '2',
        sha256: 'b'.repeat(64),
        deployId: 'd1',
        fencingToken: 3,
        updatedAtMs: 9,
      });
    });

    it('refuses the promotion of an earlier deploy', async () => {
      await records.promote('web', { version: '3', sha256: 'c'.repeat(64), deployId: 'd2', fencingToken: 4, atMs: 9 });
      expect(await records.promote('web', { version: '2', sha256: 'b'.repeat(64), deployId: 'd1', fencingToken: 3, atMs: 10 })).toBe(false);
      expect((await records.getFleet('web'))?.currentVersion).toBe('3');
    });
  });

  describeLocks(name, create);

  describe(`${name}: deploys`, () => {
    it('does not erase a deploy that is created again', async () => {
      await records.createDeploy(deploy('d1'));
      await records.updateDeploy('web', 'd1', { stage: 'rolling' });
      await records.createDeploy(deploy('d1'));
      expect(await records.getDeploy('web', 'd1')).toEqual({ ...deploy('d1'), stage: 'rolling' });
    });

    it('changes one that has as many warnings as are known', async () => {
      await records.createDeploy(deploy('d1'));
      for (const n of [1, 0, 0, 1]) await records.updateDeploy('web', 'd1', { warnings: Array(n + 1).fill(`${n}`) }, { warnings: n });
      expect((await records.getDeploy('web', 'd1'))?.warnings).toEqual(['1', '1']);
    });
    it('lists deploys, latest start first', async () => {
      expect(await records.latestDeploys('web', 2)).toEqual([]);
      for (const [id, at] of Object.entries({ b1: 9, c: 1, a: 1_700_000_000_000, b2: 10 })) {
        await records.createDeploy(deploy(id, at));
        await records.createDeploy(deploy(id, at));
      }
      await records.updateDeploy('web', 'b2', { stage: 'rolling' });
      const idsOf = (deploys: readonly { deployId: string }[]) => deploys.map(({ deployId }) => deployId);
      expect(idsOf(await records.findDeploys('web', ''))).toEqual(['a', 'b2', 'b1', 'c']);
      expect(idsOf(await records.findDeploys('web', 'b'))).toEqual(['b2', 'b1']);
      expect(await records.latestDeploys('web', 2)).toEqual([deploy('a', 1_700_000_000_000), { ...deploy('b2', 10), stage: 'rolling' }]);
      expect(idsOf(await records.latestDeploys('web', 9))).toEqual(['a', 'b2', 'b1', 'c']);
      expect(await records.latestDeploys('other', 9)).toEqual([]);
    });

    it('is claimed by one clean-up at a time, and by the next one that has seen that claim', async () => {
      const claim = (executionArn: string) => ({ executionArn, startedAtMs: 1, attempt: 1 });
      expect(await records.claimCleanUp('web', 'd1', claim('a'), undefined)).toBe(false);
      await records.createDeploy(deploy('d1'));
      expect(await records.claimCleanUp('web', 'd1', claim('a'), undefined)).toBe(true);
      expect(await records.claimCleanUp('web', 'd1', claim('b'), undefined)).toBe(false);
      expect(await records.claimCleanUp('web', 'd1', claim('b'), claim('a'))).toBe(true);
      expect(await records.claimCleanUp('web', 'd1', claim('c'), claim('a'))).toBe(false);
      expect((await records.getDeploy('web', 'd1'))?.cleanUp).toEqual(claim('b'));
    });

    it('changes the fields of one target, and no other target', async () => {
      await records.createDeploy(deploy('d1'));
      await records.planDeploy('web', 'd1', { from: '1', sha256: 'a', targets: { 'i-1': waiting } });
      await records.putTarget('web', 'd1', 'i-2', { ...waiting, order: 1 });
      const draining = { phase: 'draining', phaseStartedAtMs: 5, inFlight: undefined } as const;
      expect(await records.updateTarget('web', 'd1', 'i-1', draining)).toBe(true);
      expect((await records.getDeploy('web', 'd1'))?.targets).toEqual({
        'i-1': { ...waiting, phase: 'draining', phaseStartedAtMs: 5, phases: [{ phase: 'draining', startedAtMs: 5 }] },
        'i-2': { ...waiting, order: 1 },
      });
    });

    it('keeps the phases that a target entered, in order, and changes none when it enters none', async () => {
      await records.createDeploy({ ...deploy('d1'), targets: { 'i-1': waiting } });
      await records.updateTarget('web', 'd1', 'i-1', { phase: 'draining', phaseStartedAtMs: 5 });
      await records.updateTarget('web', 'd1', 'i-1', { inFlight: 2, phaseStartedAtMs: 6 });
      await records.updateTarget('web', 'd1', 'i-1', { phase: 'failed', finishedAtMs: 7 });
      expect((await records.getDeploy('web', 'd1'))?.targets['i-1']?.phases).toEqual([
        { phase: 'draining', startedAtMs: 5 },
        { phase: 'failed', startedAtMs: 7 },
      ]);
    });

    it('keeps a maximum number of phases, and applies the change itself beyond it', async () => {
      await records.createDeploy({ ...deploy('d1'), targets: { 'i-1': waiting } });
      for (let atMs = 1; atMs <= MAX_PHASES + 2; atMs += 1)
        await records.updateTarget('web', 'd1', 'i-1', { phase: 'baking', phaseStartedAtMs: atMs });
      const { phases, phaseStartedAtMs } = (await records.getDeploy('web', 'd1'))?.targets['i-1'] ?? {};
      expect([phases?.length, phases?.at(-1)?.startedAtMs, phaseStartedAtMs]).toEqual([MAX_PHASES, MAX_PHASES, MAX_PHASES + 2]);
    });

    it('ignores progress of a target or deploy without a record', async () => {
      await records.createDeploy(deploy('d1'));
      expect(await records.updateTarget('web', 'd1', 'i-1', { phase: 'draining' })).toBe(false);
      expect(await records.updateTarget('web', 'd9', 'i-1', { phase: 'draining' })).toBe(false);
      await records.updateDeploy('web', 'd9', { stage: 'rolling' });
      await records.planDeploy('web', 'd9', { from: '1', sha256: 'a', targets: { 'i-1': waiting } });
      await records.putTarget('web', 'd9', 'i-1', { ...waiting, executionName: 'i-1-5' });
      expect((await records.getDeploy('web', 'd1'))?.targets).toEqual({});
      expect(await records.getDeploy('web', 'd9')).toBeUndefined();
    });

    const rolls = { ...waiting, startedAtMs: 5, executionName: 'i-1-5' };
    const targetOf = async (deployId: string) => (await records.getDeploy('web', deployId))?.targets['i-1'];

    it('keeps the targets of a plan when it is planned again', async () => {
      await records.createDeploy(deploy('d1'));
      const plan = { from: '1', sha256: 'a', targets: { 'i-1': rolls } };
      await records.planDeploy('web', 'd1', plan);
      await records.planDeploy('web', 'd1', { from: '2', sha256: 'b', targets: { 'i-1': waiting, 'i-2': waiting } });
      expect(await records.getDeploy('web', 'd1')).toEqual({ ...deploy('d1'), ...plan });
    });

    it('begins the roll of a target, and leaves one whose roll has begun as it is', async () => {
      await records.createDeploy({ ...deploy('d1'), targets: { 'i-1': waiting } });
      expect(await records.putTarget('web', 'd1', 'i-1', rolls)).toBe(true);
      expect(await records.putTarget('web', 'd1', 'i-1', { ...rolls, startedAtMs: 6 })).toBe(true);
      expect(await targetOf('d1')).toEqual({ ...rolls, startedAtMs: 6 });
      expect(await records.putTarget('web', 'd1', 'i-1', waiting)).toBe(false);
      expect(await records.putTarget('web', 'd1', 'i-1', { ...rolls, executionName: 'i-1-7' })).toBe(false);
      expect(await targetOf('d1')).toEqual({ ...rolls, startedAtMs: 6 });
      await records.updateTarget('web', 'd1', 'i-1', { phase: 'draining' });
      expect(await records.putTarget('web', 'd1', 'i-1', rolls)).toBe(false);
      expect(await targetOf('d1')).toEqual({ ...rolls, startedAtMs: 6, phase: 'draining' });
    });

    it.each<[wanted: string, TargetCondition, boolean]>([
      ['its execution', { executionName: 'i-1-5' }, true],
      ['another execution', { executionName: 'i-1-7' }, false],
      ['its phase', { phases: ['waiting', 'draining'] }, true],
      ['other phases', { phases: ['waiting', 'preparing'] }, false],
      ['its execution in another phase', { executionName: 'i-1-5', phases: ['waiting'] }, false],
      ['that its execution has not begun', { notBegun: 'i-1-5' }, false],
      ['that another execution has not begun', { notBegun: 'i-1-7' }, true],
      ['that it was never rolled', { neverRolled: true }, false],
    ])('changes a target that is rolled only if it is as wanted: %s', async (_, onlyIf, changes) => {
      const before = { ...rolls, phase: 'draining' } as const;
      await records.createDeploy({ ...deploy('d1'), targets: { 'i-1': before } });
      const entered = { phase: 'installing', phaseStartedAtMs: 9 } as const;
      expect(await records.updateTarget('web', 'd1', 'i-1', entered, onlyIf)).toBe(changes);
      expect((await targetOf('d1'))?.phase).toBe(changes ? 'installing' : 'draining');
    });

    it('changes a target that waits, and one that no execution was to roll, as such', async () => {
      await records.createDeploy({ ...deploy('d1'), targets: { 'i-1': waiting } });
      expect(await records.updateTarget('web', 'd1', 'i-1', { detail: 'a' }, { executionName: 'i-1-5' })).toBe(false);
      expect(await records.updateTarget('web', 'd1', 'i-1', { detail: 'b' }, { neverRolled: true })).toBe(true);
      expect(await records.updateTarget('web', 'd1', 'i-1', { executionName: 'i-1-5' }, { notBegun: 'i-1-5' })).toBe(true);
      expect(await records.updateTarget('web', 'd1', 'i-1', { detail: 'c' }, { notBegun: 'i-1-5' })).toBe(true);
    });

    it('leaves a deploy that has finished as it is', async () => {
      await records.createDeploy(deploy('d1'));
      await records.finishDeploy('web', 'd1', { status: 'SUCCEEDED', finishedAtMs: 7 });
      await records.updateDeploy('web', 'd1', { stage: 'promoting' });
      expect(await records.getDeploy('web', 'd1')).toMatchObject({ stage: 'finished' });
    });

    it('finishes a deploy with a record, and returns false without one', async () => {
      await records.createDeploy(deploy('d1'));
      const error = { Error: 'BakeFailed', Cause: 'it failed' };
      expect(await records.finishDeploy('web', 'd1', { status: 'FAILED', finishedAtMs: 7, error })).toBe(true);
      expect(await records.finishDeploy('web', 'd9', { status: 'SUCCEEDED', finishedAtMs: 7 })).toBe(false);
      expect(await records.getDeploy('web', 'd1')).toMatchObject({ status: 'FAILED', finishedAtMs: 7, error, stage: 'finished' });
    });
  });
}
