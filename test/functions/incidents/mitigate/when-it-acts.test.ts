/** When a mitigation may act, and when its time is up. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Mitigation, MitigationName, Verified } from '../../../../functions/incidents/contract/mitigations.ts';
import { type MitigateStep, MitigationRefused } from '../../../../functions/incidents/contract/steps.ts';
import { ID, RUN, recordsOfRun, serveMitigations } from './incident-run.ts';

let records: Awaited<ReturnType<typeof recordsOfRun>>;
let sent: string[];
let nowMs: number;
let goesOn: boolean;
let verified: Verified | undefined;
let fails: Error | undefined;
let longestMs: number | undefined;
let most: number;
let ready: 'DONE' | 'WAIT' | { refused: string } | undefined;
let needed: boolean | 'unknown';
let undoFails: Error | undefined;
let verifyFails: Error | undefined;

beforeEach(async () => {
  records = await recordsOfRun();
  [goesOn, most, verified, fails] = [false, 3, undefined, undefined];
  [sent, nowMs, longestMs, ready] = [[], 1_000_000, undefined, 'DONE'];
  [needed, undoFails, verifyFails] = [true, undefined, undefined];
});

function stepping(name?: MitigationName) {
  const answer = answering(name);
  return async (...step: Parameters<typeof answer>) => (await answer(...step)).verdict;
}
function answering(name: MitigationName = 'restore-stickiness') {
  const mitigation: Mitigation = {
    ...(longestMs !== undefined && { longestMs }),
    ...(ready !== undefined && {
      ready: async () => ready ?? 'DONE',
    }),
    plan: async () => ({ calls: [], effect: 'it is put back', undo: {} }),
    needed: async () => needed,
    settlesMs: 240_000,
    async act() {
      if (fails) throw fails;
      sent.push('act');
    },
    async verify() {
      if (verifyFails) throw verifyFails;
      return verified ?? { verdict: 'DONE', detail: goesOn ? 'it goes on' : 'it has ended', goesOn };
    },
    async undo() {
      if (undoFails) throw undoFails;
      sent.push('undo');
    },
  };
  const mitigations = { 'restore-stickiness': mitigation, 'stop-deploy': mitigation, 're-login-page': mitigation, [name]: mitigation };
  const serve = serveMitigations({ mitigations, records, now: () => nowMs, mitigationsPerHour: most });
  const decision = { key: name, name, mode: 'auto' as const, target: { incidentId: ID, fleet: 'web' }, reason: '' };
  return (step: MitigateStep['step'], more: Partial<MitigateStep> = {}) => serve({ step, run: RUN, decision, ...more });
}
const stateOf = async (name: MitigationName = 'restore-stickiness') => (await records.getIncident(ID))?.mitigations[name];

describe('a mitigation', () => {
  it('waits for its turn while another one of its incident is carried out', async () => {
    const [first, second] = [stepping(), stepping('stop-deploy')];
    await first('plan');
    await second('plan');
    await first('act');
    expect([await second('act'), (await stateOf('stop-deploy'))?.state]).toEqual(['WAIT', 'planned']);
    await first('verify');
    expect(await second('act')).toBe('DONE');
    expect(sent).toEqual(['act', 'act']);
  });

  it.each<['waits for none' | 'holds up none', MitigationName, MitigationName]>([
    ['waits for none', 'stop-deploy', 're-login-page'],
    ['holds up none', 're-login-page', 'stop-deploy'],
  ])('that bridges an outage %s that repairs', async (_, one, other) => {
    const [first, second] = [stepping(one), stepping(other)];
    for (const step of [first, second]) await step('plan', { isAfter: true });
    await first('act');
    expect([(await stateOf(one))?.state, await second('act'), sent]).toEqual(['verifying', 'DONE', ['act', 'act']]);
  });

  it('waits for its turn no longer than the other can take, and the report says so', async () => {
    const [first, second] = [stepping('stop-deploy'), stepping()];
    for (const step of [first, second]) await step('plan');
    fails = new Error('its function died');
    await expect(first('act')).rejects.toThrow('died');
    fails = undefined;
    nowMs += 20 * 60_000;
    expect([await second('act'), (await stateOf('stop-deploy'))?.state]).toEqual(['WAIT', 'acting']);
    nowMs += 1;
    expect(await second('act')).toBe('DONE');
    expect((await records.getIncident(ID))?.troubles).toEqual([
      'run 1: restore-stickiness waited no longer for stop-deploy, which began and has not ended',
    ]);
  });

  it('that waits before it acts is planned after the report, which waits for nothing of it, and shown at once by a dry run', async () => {
    const step = stepping('re-login-page');
    expect([await step('plan'), await stateOf('re-login-page')]).toMatchObject(['REPEAT', { state: 'planned' }]);
    expect((await stateOf('re-login-page'))?.effect).toBeUndefined();
    expect([await step('plan', { isAfter: true }), await stateOf('re-login-page')]).toMatchObject([
      'DONE',
      { state: 'planned', effect: 'it is put back', plannedAtMs: nowMs },
    ]);
    expect([await step('plan', { run: { ...RUN, dryRun: true } }), (await stateOf('re-login-page'))?.state]).toEqual(['SKIP', 'observed']);
  });

  it('gets its turn alone when two begin in the same moment', async () => {
    const steps = [stepping(), stepping('stop-deploy')];
    for (const step of steps) await step('plan');
    expect((await Promise.all(steps.map((step) => step('act')))).toSorted()).toEqual(['DONE', 'WAIT']);
  });

  it('that is not ready waits, and one whose pre-condition is gone by then is refused', async () => {
    const step = stepping();
    await step('plan');
    ready = 'WAIT';
    expect([await step('act'), (await stateOf())?.state]).toEqual(['WAIT', 'planned']);
    ready = { refused: 'most servers are up' };
    expect([await step('act'), (await stateOf())?.state]).toEqual(['SKIP', 'refused']);
    expect(sent).toEqual([]);
  });

  it.each([
    ['restore-stickiness', 'fleet web'],
    ['promote-replica', 'the store'],
  ] as const)('%s counts among those of %s', async (name, whose) => {
    most = 0;
    const step = stepping(name);
    for (const part of ['plan', 'act'] as const) await step(part);
    expect((await stateOf(name))?.detail).toMatch(new RegExp(`^0 mitigations of ${whose} were carried out in the last 60 minutes`));
  });

  it('that is refused when it acts leaves its place to the next one, unless it was sent before', async () => {
    most = 1;
    const [first, second] = [stepping(), stepping('stop-deploy')];
    fails = new MitigationRefused('a primary answers');
    await first('plan');
    expect([await first('act'), await stateOf()]).toMatchObject(['SKIP', { state: 'refused', detail: 'a primary answers' }]);
    fails = new Error('the function died');
    await second('plan');
    await expect(second('act')).rejects.toThrow('died');
    fails = new MitigationRefused('it has ended');
    expect([await second('act'), (await stateOf('stop-deploy'))?.state]).toEqual(['SKIP', 'refused']);
    expect(await records.takeBudget({ of: 'web', claim: 'another' }, most, nowMs)).toBe(false);
  });

  it('that reaches its longest time is undone, and is no end of what it bridged', async () => {
    longestMs = 600_000;
    const step = stepping();
    for (const part of ['plan', 'act', 'verify'] as const) await step(part);
    nowMs += 599_999;
    expect(await step('stillNeeded')).toBe('DONE');
    nowMs += 1;
    expect(await step('stillNeeded')).toBe('FAILED');
    expect(await step('undo', { over: 'it reached its longest time, 10 minutes', expired: true })).toBe('DONE');
    expect(await stateOf()).toMatchObject({ state: 'undone', detail: 'it reached its longest time, 10 minutes' });
  });

  it('is refused where the trouble has ended while it waited for its turn', async () => {
    ready = undefined;
    const [first, second] = [stepping('stop-deploy'), stepping()];
    for (const step of [first, second]) await step('plan');
    await first('act');
    expect(await second('act')).toBe('WAIT');
    needed = false;
    await first('verify');
    expect([await second('act'), (await stateOf())?.state]).toEqual(['SKIP', 'refused']);
    expect(sent).toEqual(['act']);
  });

  it('whose calls are repeated once what it bridges is over has changed nothing in the end', async () => {
    const step = stepping('re-login-page');
    await step('plan', { isAfter: true });
    fails = new Error('the load balancer has no answer');
    await expect(step('act')).rejects.toThrow('no answer');
    [fails, needed, nowMs] = [undefined, false, nowMs + 30_000];
    expect([await step('act'), await stateOf('re-login-page')]).toMatchObject([
      'SKIP',
      { state: 'refused', detail: 'the store is well again' },
    ]);
    expect(sent).toEqual(['undo']);
  });

  it('ends after a quarter of an hour, less a turn’s lateness, in which no two witnesses agree that it goes on, whatever they say by turns', async () => {
    const step = stepping();
    for (const part of ['plan', 'act', 'verify'] as const) await step(part);
    const words: (boolean | 'unknown')[] = ['unknown', false];
    const startedMs = nowMs;
    for (let look = 0; nowMs - startedMs < 840_000; look += 1) {
      needed = words[look % 2] ?? true;
      expect(await step('stillNeeded')).toBe('DONE');
      nowMs += 30_000;
    }
    expect(await step('stillNeeded')).toBe('FAILED');
    // Once they agree, the time begins anew.
    needed = true;
    expect(await step('stillNeeded')).toBe('DONE');
  });

  it.each<[MitigationName, string, string]>([
    ['re-login-page', 'ThrottlingException', 'waits, and is in effect'],
    ['re-login-page', 'AccessDenied', 'ends with that'],
    ['restore-stickiness', 'ThrottlingException', 'ends with that'],
  ])('%s whose effect cannot be read for %s %s', async (name, error, ends) => {
    const step = stepping(name);
    for (const part of ['plan', 'act'] as const) await step(part, { isAfter: true });
    verifyFails = Object.assign(new Error('it is refused'), { name: error });
    if (ends === 'ends with that') return expect(step('verify')).rejects.toThrow('it is refused');
    nowMs += 120_000;
    expect([await step('verify'), (await stateOf(name))?.state]).toEqual(['WAIT', 'verifying']);
    nowMs += 1;
    const detail = expect.stringMatching(/^its calls were accepted, and whether it has its effect cannot be read now: .*it is refused/);
    expect([await step('verify'), await stateOf(name)]).toMatchObject(['DONE', { state: 'done', detail }]);
  });

  it('whose undoing is throttled is in effect as before, so that the next look undoes it', async () => {
    const step = stepping();
    for (const part of ['plan', 'act', 'verify'] as const) await step(part);
    undoFails = Object.assign(new Error('slow down'), { name: 'ThrottlingException' });
    await expect(step('undo', { over: 'the store is well again' })).rejects.toThrow('slow down');
    expect(await stateOf()).toMatchObject({ state: 'done' });
    undoFails = undefined;
    expect([await step('undo', { over: 'the store is well again' }), (await stateOf())?.state]).toEqual(['DONE', 'ended']);
  });

  it.each<[Verified['verdict'], string]>([
    ['DONE', 'done'],
    ['FAILED', 'leftBehind'],
    ['WAIT', 'leftBehind'],
  ])('whose change takes longer than its time goes on, and ends as %s', async (end, state) => {
    const step = stepping('stop-deploy');
    verified = { verdict: 'WAIT', detail: 'its clean-up goes on', goesOn: true };
    for (const part of ['plan', 'act'] as const) await step(part);
    nowMs += 900_000;
    expect([await step('verify'), (await stateOf('stop-deploy'))?.state]).toEqual(['WAIT', 'verifying']);
    nowMs += 1;
    expect([await step('verify'), await step('undo')]).toEqual(['FAILED', 'SKIP']);
    expect(await stateOf('stop-deploy')).toMatchObject({ state: 'done', goesOn: true });
    expect(await step('followUp')).toBe('WAIT');
    verified = { verdict: end, detail: 'its clean-up has ended' };
    expect([await step('followUp'), await stateOf('stop-deploy')]).toMatchObject(['DONE', { state, detail: 'its clean-up has ended' }]);
  });

  it('of which no witness says anything ends by the third turn after the first silent one, though that comes early', async () => {
    const answer = answering('re-login-page');
    const step = async (part: MitigateStep['step']) => (await answer(part, part === 'plan' ? { isAfter: true } : {})).verdict;
    for (const part of ['plan', 'act', 'verify'] as const) await step(part);
    needed = 'unknown';
    expect(await step('stillNeeded')).toBe('DONE');
    nowMs += 14 * 60_000 - 1;
    expect(await step('stillNeeded')).toBe('DONE');
    nowMs += 1;
    const over = 'for 14 minutes no two witnesses have agreed that the trouble goes on';
    expect(await answer('stillNeeded')).toMatchObject({ verdict: 'FAILED', over, expired: true });
    nowMs += 60_000;
    expect((await answer('stillNeeded')).over).toMatch(/^for 15 minutes /);
  });

  it('that nothing can undo and that is done stays so, though the answer of its last step was lost', async () => {
    const step = stepping('stop-deploy');
    for (const part of ['plan', 'act', 'verify'] as const) await step(part);
    expect([await step('undo', { error: { Error: 'Lambda.Unknown', Cause: '' } }), (await stateOf('stop-deploy'))?.state]).toEqual([
      'SKIP',
      'done',
    ]);
  });

  it.each<[Verified, object]>([
    [
      { verdict: 'DONE', detail: 'it is restored' },
      { state: 'done', detail: 'it is restored', goesOn: false },
    ],
    [
      { verdict: 'WAIT', detail: 'its clean-up goes on', goesOn: true },
      { state: 'done', goesOn: true },
    ],
    [{ verdict: 'WAIT', detail: 'it has not begun' }, { state: 'leftBehind' }],
  ])('that nothing can undo, and whose runbook died, is what it has become: %o', async (found, record) => {
    const step = stepping('stop-deploy');
    for (const part of ['plan', 'act'] as const) await step(part);
    verified = found;
    expect(await step('undo', { error: { Error: 'the end of its runbook', Cause: '' } })).toBe('SKIP');
    expect(await stateOf('stop-deploy')).toMatchObject(record);
  });

  it('that nothing can undo, and that could not be read when its runbook died, is what it has become at a later turn', async () => {
    const step = stepping('stop-deploy');
    for (const part of ['plan', 'act'] as const) await step(part);
    await records.moveMitigation(ID, 'stop-deploy', ['verifying'], { state: 'undoing', detail: 'a step of it ended with Throttling' });
    expect([await step('undo'), await stateOf('stop-deploy')]).toMatchObject(['SKIP', { state: 'done', detail: 'it has ended' }]);
  });

  it('that goes on by itself is followed until it has ended', async () => {
    const step = stepping();
    goesOn = true;
    for (const part of ['plan', 'act', 'verify'] as const) await step(part);
    expect([await step('followUp'), await stateOf()]).toMatchObject(['WAIT', { state: 'done', detail: 'it goes on', goesOn: true }]);
    goesOn = false;
    expect([await step('followUp'), await stateOf()]).toMatchObject(['DONE', { state: 'done', detail: 'it has ended', goesOn: false }]);
    expect(await step('followUp')).toBe('SKIP');
  });
});
