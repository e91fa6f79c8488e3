import { beforeEach, describe, expect, it } from 'vitest';
import type { Mitigation, MitigationName, Mode } from '../../../functions/incidents/contract/mitigations.ts';
import type { MitigateStep, RunContext } from '../../../functions/incidents/contract/steps.ts';
import { createMitigate } from '../../../functions/incidents/mitigate/run-step.ts';
import { memoryIncidentRecords } from './memory-incident-records.ts';

const ID = 'inc-000000000001';
const run: RunContext = {
  ...{ incidentId: ID, runbook: 'logged-out', fleets: ['web'], fromMs: 0, toMs: 1, firstSignMs: 1, run: 1, executionArn: 'arn:1' },
  dryRun: false,
};
let records: ReturnType<typeof memoryIncidentRecords>;
let sent: string[];
let nowMs: number;
let verdict: 'DONE' | 'WAIT' | 'FAILED';
/** Fails so often before it succeeds: its calls were sent all the same. */
let lostAnswers: number;
let undoFails: boolean;

const mitigation: Mitigation = {
  plan: async () => ({
    calls: [{ service: 'elbv2', operation: 'ModifyTargetGroupAttributes', input: {} }],
    effect: 'it is put back',
    undo: { was: 1 },
  }),
  act: async () => {
    sent.push('act');
    if (lostAnswers-- > 0) throw new Error('the answer was lost');
  },
  verify: async () => ({ verdict, detail: 'as it looks now' }),
  undo: async () => {
    sent.push('undo');
    if (undoFails) throw new Error('it is refused');
  },
};

beforeEach(async () => {
  records = memoryIncidentRecords();
  await records.ensureIncident({ incidentId: ID, fingerprint: 'logged-out', runbook: 'logged-out', openedAtMs: 1 });
  [sent, nowMs, verdict, lostAnswers, undoFails] = [[], 1_000_000, 'DONE', 0, false];
});

function stepping(mode: Mode, name: MitigationName = 'restore-stickiness', of: Partial<RunContext> = {}, most = 3) {
  const serve = createMitigate({
    mitigations: { 'restore-stickiness': mitigation, 'stop-deploy': mitigation },
    records,
    log: { info: () => {}, warn: () => {} },
    now: () => nowMs,
    mitigationsPerHour: most,
  });
  const decision = { key: name, name, mode, target: { incidentId: ID }, reason: '' };
  return async (step: MitigateStep['step'], more: Partial<MitigateStep> = {}) =>
    (await serve({ step, run: { ...run, ...of }, decision, ...more })).verdict;
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

  it('that needs approval asks first, and is planned anew after it', async () => {
    const step = stepping('approve');
    expect(await step('plan')).toBe('REPEAT');
    expect(await step('plan', { approved: true })).toBe('DONE');
    expect(sent).toEqual([]);
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

  it('whose effect never comes is undone after a quarter of an hour', async () => {
    const step = stepping('auto');
    await step('plan');
    await step('act');
    verdict = 'WAIT';
    expect(await step('verify')).toBe('WAIT');
    nowMs += 901_000;
    expect(await step('verify')).toBe('FAILED');
  });

  it.each<[string, MitigationName, boolean]>([
    ['that nothing can undo', 'stop-deploy', false],
    ['whose undo is refused', 'restore-stickiness', true],
  ])('%s is named as left behind', async (_, name, fails) => {
    const step = stepping('approve', name);
    undoFails = fails;
    await step('plan', { approved: true });
    await step('act');
    expect(await step('undo')).toBe('SKIP');
    expect(await stateOf(name)).toMatchObject({ state: 'leftBehind', detail: expect.any(String) });
  });

  it('that the installation does not have is refused with a sentence', async () => {
    expect(await stepping('auto', 'raise-ttl')('plan')).toBe('SKIP');
    expect(await stateOf('raise-ttl')).toMatchObject({ state: 'refused' });
  });
});
