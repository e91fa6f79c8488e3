import { beforeEach, describe, expect, it } from 'vitest';
import type { Mitigation, MitigationName, Mode } from '../../../functions/incidents/contract/mitigations.ts';
import type { MitigateStep, RunContext } from '../../../functions/incidents/contract/steps.ts';
import { EXECUTION_ARN, ID, RUN, recordsOfRun, serveMitigations } from './mitigate/incident-run.ts';

let records: Awaited<ReturnType<typeof recordsOfRun>>;
let sent: string[];
let nowMs: number;
let verdict: 'DONE' | 'WAIT' | 'FAILED';
/** Fails so often before it succeeds: its calls were sent all the same. */
let lostAnswers: number;
let undoFails: boolean;
/** What happens while its calls are on their way. */
let meanwhile: () => Promise<unknown>;
/** How often it was planned: each plan has its own number in its call. */
let plans: number;
let needed: boolean;
let isHandedOver: boolean;
let settlesMs: number;

const mitigation: Mitigation = {
  get settlesMs() {
    return settlesMs;
  },
  plan: async () => ({
    calls: [{ service: 'elbv2', operation: 'ModifyTargetGroupAttributes', input: { plan: ++plans } }],
    effect: 'it is put back',
    undo: { was: 1 },
  }),
  needed: async () => needed,
  act: async () => {
    await meanwhile();
    sent.push('act');
    if (lostAnswers-- > 0) throw new Error('the answer was lost');
  },
  verify: async () => ({ verdict, detail: 'as it looks now', isHandedOver }),
  undo: async () => {
    sent.push('undo');
    if (undoFails) throw new Error('it is refused');
  },
};

beforeEach(async () => {
  records = await recordsOfRun();
  [sent, nowMs, verdict, lostAnswers, undoFails] = [[], 1_000_000, 'DONE', 0, false];
  [plans, needed, settlesMs, meanwhile] = [0, true, 0, async () => {}];
  isHandedOver = false;
});

function answering(mode: Mode, name: MitigationName = 'restore-stickiness', of: Partial<RunContext> = {}, most = 3) {
  const mitigations = { 'restore-stickiness': mitigation, 'stop-deploy': mitigation, 're-login-page': mitigation };
  const serve = serveMitigations({ mitigations, records, now: () => nowMs, mitigationsPerHour: most });
  const decision = { key: name, name, mode, target: { incidentId: ID }, reason: '' };
  return (step: MitigateStep['step'], more: Partial<MitigateStep> = {}) => serve({ step, run: { ...RUN, ...of }, decision, ...more });
}
function stepping(...of: Parameters<typeof answering>) {
  const answer = answering(...of);
  return async (step: MitigateStep['step'], more: Partial<MitigateStep> = {}) => (await answer(step, more)).verdict;
}
const stateOf = async (name: MitigationName = 'restore-stickiness') => (await records.getIncident(ID))?.mitigations[name];

describe('a mitigation', () => {
  it.each<[string, Mode, Partial<RunContext>]>([
    ['whose mode is observe', 'observe', {}],
    ['of a dry run', 'auto', { dryRun: true }],
  ])('%s shows its calls and sends none', async (_, mode, of) => {
    expect(await stepping(mode, 'restore-stickiness', of)('plan')).toBe('SKIP');
    expect(await stateOf()).toMatchObject({ state: 'observed', calls: [{ operation: 'ModifyTargetGroupAttributes' }] });
    expect(sent).toEqual([]);
  });

  it('that a person asks for is planned anew, and goes on', async () => {
    await stepping('observe')('plan');
    const asked = { state: 'planned', requestedBy: 'arn:role', requestedAtMs: 1 } as const;
    await records.moveMitigation(ID, 'restore-stickiness', ['observed'], asked);
    const step = stepping('observe', 'restore-stickiness', { asked: 'restore-stickiness' });
    // The second time its answer was lost.
    for (let time = 0; time < 2; time += 1) expect(await step('plan')).toBe('DONE');
    expect(await stateOf()).toMatchObject({ ...asked, calls: [{ input: { plan: 3 } }] });
    expect([await step('act'), await step('verify'), (await stateOf())?.state]).toEqual(['DONE', 'DONE', 'done']);
    expect(sent).toEqual(['act']);
  });

  it('that nobody has asked for is not carried out by an execution that says so', async () => {
    await stepping('observe')('plan');
    const step = stepping('observe', 'restore-stickiness', { asked: 'restore-stickiness' });
    expect([await step('plan'), await step('act'), (await stateOf())?.state]).toEqual(['SKIP', 'SKIP', 'observed']);
  });

  it.each([0, 1])('that is undone while its calls are on their way is undone once more after them (%i answers lost)', async (lost) => {
    lostAnswers = lost;
    meanwhile = () => records.moveMitigation(ID, 'restore-stickiness', ['acting'], { state: 'undone' });
    const step = stepping('auto');
    await step('plan');
    expect(await step('act')).toBe('SKIP');
    expect(sent).toEqual(['act', 'undo']);
    expect(await stateOf()).toMatchObject({ state: 'undone' });
  });

  it('that has bridged an outage is ended, and has not failed', async () => {
    const answer = answering('auto', 're-login-page');
    for (const part of ['plan', 'act', 'verify'] as const) await answer(part, { isAfter: true });
    expect(await answer('stillNeeded')).toEqual({ key: 're-login-page', verdict: 'DONE', holds: true });
    needed = false;
    const over = 'the store is well again';
    expect(await answer('stillNeeded')).toEqual({ key: 're-login-page', verdict: 'FAILED', over });
    expect(await answer('undo', { over })).toEqual({ key: 're-login-page', verdict: 'DONE' });
    expect(sent).toEqual(['act', 'undo']);
    expect(await stateOf('re-login-page')).toMatchObject({ state: 'ended', detail: over });
  });

  it('that was handed over is ended', async () => {
    const answer = answering('auto', 're-login-page');
    for (const part of ['plan', 'act', 'verify'] as const) await answer(part, { isAfter: true });
    isHandedOver = true;
    expect(await answer('stillNeeded')).toEqual({ key: 're-login-page', verdict: 'FAILED', over: 'as it looks now' });
  });

  it('that needs time to settle is ended only when what it bridged has been over for so long without a break', async () => {
    settlesMs = 240_000;
    const step = stepping('auto');
    for (const part of ['plan', 'act', 'verify'] as const) await step(part);
    const turns: [after: number, needed: boolean, verdict: string][] = [
      [0, false, 'DONE'],
      [200_000, true, 'DONE'],
      [100_000, false, 'DONE'],
      [239_999, false, 'DONE'],
      [1, false, 'FAILED'],
    ];
    for (const [after, isNeeded, expected] of turns) {
      [nowMs, needed] = [nowMs + after, isNeeded];
      expect(await step('stillNeeded')).toBe(expected);
    }
    expect(sent).toEqual(['act']);
  });

  it('is done when its post-condition holds; repeated steps send nothing more', async () => {
    const step = stepping('auto');
    expect([
      await step('plan'),
      await step('act'),
      await step('act'),
      await step('verify'),
      await step('verify'),
      await step('plan'),
    ]).toEqual(Array(6).fill('DONE'));
    expect(sent).toEqual(['act']);
    expect(await stateOf()).toMatchObject({ state: 'done', detail: 'as it looks now' });
  });

  it('whose answer was lost is sent again and counted once', async () => {
    const step = stepping('auto', 'restore-stickiness', {}, 1);
    lostAnswers = 1;
    await step('plan');
    await expect(step('act')).rejects.toThrow('lost');
    expect(await stateOf()).toMatchObject({ state: 'acting' });
    expect(await step('act')).toBe('DONE');
  });

  it('is refused when the hour has no room for it, and allowed again later', async () => {
    const first = stepping('auto', 'restore-stickiness', {}, 1);
    await first('plan');
    await first('act');
    await first('verify');
    const second = stepping('auto', 'stop-deploy', {}, 1);
    await second('plan');
    expect(await second('act')).toBe('SKIP');
    expect(await stateOf('stop-deploy')).toMatchObject({ state: 'refused', detail: expect.stringContaining('60 minutes') });
    nowMs += 3_600_000;
    await second('plan');
    expect(await second('act')).toBe('DONE');
  });

  it('that has no effect is undone, once', async () => {
    const step = stepping('auto');
    await step('plan');
    await step('act');
    verdict = 'FAILED';
    expect([await step('verify'), await step('undo'), await step('undo')]).toEqual(['FAILED', 'DONE', 'SKIP']);
    expect(sent).toEqual(['act', 'undo']);
    expect(await stateOf()).toMatchObject({ state: 'undone' });
  });

  it.each<[string, MitigationName, number]>([
    ['two minutes', 'restore-stickiness', 120_000],
    ['a quarter of an hour', 'stop-deploy', 900_000],
  ])('whose effect has not come after %s is undone: %s', async (_, name, limitMs) => {
    const step = stepping('auto', name);
    await step('plan');
    await step('act');
    verdict = 'WAIT';
    nowMs += limitMs;
    expect(await step('verify')).toBe('WAIT');
    nowMs += 1_000;
    expect(await step('verify')).toBe('FAILED');
  });

  it.each<[string, MitigationName, boolean]>([
    ['that nothing can undo', 'stop-deploy', false],
    ['whose undo is refused', 'restore-stickiness', true],
  ])('%s is named as left behind', async (_, name, fails) => {
    const step = stepping('auto', name);
    undoFails = fails;
    verdict = 'WAIT';
    await step('plan');
    await step('act');
    expect(await step('undo')).toBe('SKIP');
    expect(await stateOf(name)).toMatchObject({ state: 'leftBehind', detail: expect.any(String) });
  });

  it('that bridges an outage, and whose undo is refused, is named once and undone by a later turn', async () => {
    const step = stepping('auto', 're-login-page');
    for (const part of ['plan', 'act', 'verify'] as const) await step(part, { isAfter: true });
    undoFails = true;
    expect([await step('undo', { over: 'the store is well again' }), await step('undo')]).toEqual(['FAILED', 'SKIP']);
    expect(await stateOf('re-login-page')).toMatchObject({ state: 'leftBehind', detail: 'it could not be undone: Error: it is refused' });
    undoFails = false;
    expect(await step('undo')).toBe('DONE');
    expect(await stateOf('re-login-page')).toMatchObject({ state: 'undone', detail: 'it could be undone only later' });
    expect(await step('undo')).toBe('SKIP');
  });

  it('that the installation does not have is refused with a sentence', async () => {
    expect(await stepping('auto', 'sweep-now')('plan')).toBe('SKIP');
    expect(await stateOf('sweep-now')).toMatchObject({ state: 'refused' });
  });

  it.each<[string, string, MitigateStep['step']]>([
    ['of another state machine', EXECUTION_ARN.replace('holdfast-runbook', 'other-runbook'), 'plan'],
    ['that a later run has taken over from', `${EXECUTION_ARN}-2`, 'plan'],
    ['that a later run has taken over from', `${EXECUTION_ARN}-2`, 'act'],
  ])('is not carried out by an execution %s', async (_, other, part) => {
    await stepping('auto')('plan');
    await expect(stepping('auto', 'restore-stickiness', { executionArn: other })(part)).rejects.toThrow(/nothing was changed/);
    expect([sent, (await stateOf())?.state]).toEqual([[], 'planned']);
  });

  it.each(['plan', 'act'] as const)(
    'is not carried out by an execution that somebody has go on after the end of its run: %s',
    async (part) => {
      await stepping('auto')('plan');
      await records.change(ID, { stage: 'watching' }, { remove: ['running'] });
      await expect(stepping('auto')(part)).rejects.toThrow('its run is over; nothing was changed');
      expect(sent).toEqual([]);
    },
  );
});
