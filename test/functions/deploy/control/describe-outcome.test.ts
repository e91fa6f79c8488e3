import { describe, expect, it } from 'vitest';
import { describeOutcome } from '../../../../functions/deploy/control/describe-outcome.ts';
import type { TargetProgress } from '../../../../functions/records/types.ts';

const target = (phase: TargetProgress['phase'], more: Partial<TargetProgress> = {}): TargetProgress => ({
  phase,
  order: 0,
  fromVersion: '1',
  phaseStartedAtMs: 1,
  startedAtMs: 1,
  ...more,
});
const outcome = (targets: Record<string, TargetProgress>, { promoted = false, from = '1' } = {}) =>
  describeOutcome({ deployId: 'd1', executionArn: EXECUTION, fleet: 'web', from, to: '2', targets }, promoted);
const back = target('rolledBack', { rollingBackTo: '1' });

const EXECUTION = 'arn:aws:states:eu-west-1:111122223333:execution:live-web-deploy:d1';

describe('describeOutcome', () => {
  describe('of a restart', () => {
    const restart = (more: Partial<TargetProgress>) => {
      const targets = { 'i-1': target('failed', { healthBefore: 'healthy', fromVersion: '2', ...more }) };
      return describeOutcome({ deployId: 'd1', executionArn: EXECUTION, fleet: 'web', from: '2', to: '2', restart: 'i-1', targets }, false);
    };
    const rest =
      "No other server was touched, and 2 is still the fleet's release. To try again: ./holdfast restart i-1 --fleet web --region eu-west-1 --installation live";
    const phases = (...all: TargetProgress['phase'][]) => ({ phases: all.map((phase) => ({ phase, startedAtMs: 1 })) });

    it('names its server and how to try again, and no earlier release', () => {
      const detail = 'out of service: release 2 failed its checks';
      expect(restart({ detail, ...phases('draining', 'installing', 'checkingReadiness', 'failed') })).toEqual({
        rolledBack: false,
        sentence: `i-1 failed (${detail}). ${rest}`,
      });
    });

    it('says that a server which could not be started anew serves as before', () => {
      expect(restart({ servingVersion: '2', ...phases('draining', 'installing', 'failed') })).toEqual({
        rolledBack: true,
        sentence: `i-1 has 2 again. ${rest}`,
      });
    });
  });

  it('names no earlier release after a restart of all servers', () => {
    const again = target('rolledBack', { rollingBackTo: '2', fromVersion: '2' });
    const lost = target('failed', { fromVersion: '2', rollingBackTo: '2', detail: 'why' });
    const all = (targets: Record<string, TargetProgress>) =>
      describeOutcome({ deployId: 'd1', executionArn: EXECUTION, fleet: 'web', from: '2', to: '2', restartAll: true, targets }, false);
    expect(all({ a: again })).toEqual({ rolledBack: true, sentence: 'Rolled back: a has 2 again.' });
    expect(all({ a: again, b: lost }).sentence).toBe(
      'Not rolled back: a has 2 again; b could not be brought back to 2 (why). To continue with 2: ./holdfast deploys resume d1 --fleet web --region eu-west-1 --installation live',
    );
  });

  it('says that nothing was touched', () => {
    expect(outcome({ a: target('waiting', { startedAtMs: undefined }) })).toEqual({
      rolledBack: false,
      sentence: 'No target was touched.',
    });
  });

  it('names what every target has again after a rollback', () => {
    expect(outcome({ a: back, b: back })).toEqual({ rolledBack: true, sentence: 'Rolled back: a has 1 again; b has 1 again.' });
  });

  it('names what kept its release, which is no rollback where nothing else was touched', () => {
    const kept = target('failed', { healthBefore: 'healthy', phases: [{ phase: 'draining', startedAtMs: 1 }] });
    expect(outcome({ a: back, b: kept })).toEqual({ rolledBack: true, sentence: 'Rolled back: a has 1 again; b kept 1.' });
    expect(outcome({ a: kept })).toEqual({ rolledBack: false, sentence: 'No target left its release: a kept 1.' });
    const stopped = { ...kept, notRunning: true as const };
    expect(outcome({ a: back, b: stopped }).sentence).toBe(
      'Rolled back: a has 1 again; b kept 1 (out of service: the instance is not running).',
    );
  });

  it('names the state of each target and what to run when a rollback failed', () => {
    const { rolledBack, sentence } = outcome({
      a: back,
      b: target('failed', { rollingBackTo: '1', detail: 'never up' }),
      c: target('done'),
    });
    expect(rolledBack).toBe(false);
    expect(sentence).toBe(
      'Not rolled back: a has 1 again; b could not be brought back to 1 (never up); c serves 2. To continue with 2: ./holdfast deploys resume d1 --fleet web --region eu-west-1 --installation live; to go back to 1: ./holdfast deploy 1 --recover --fleet web --region eu-west-1 --installation live',
    );
  });

  it('says why a target that serves did not go back', () => {
    const why = 'kept in service: only 1 target would stay healthy without it, and minimumHealthyTargets is 2';
    expect(outcome({ a: back, b: target('done', { detail: why }) })).toEqual({
      rolledBack: false,
      sentence: expect.stringMatching(
        /^Not rolled back: a has 1 again; b serves 2 \(kept in service: .* is 2\)\. To continue .* --recover /,
      ),
    });
  });

  it('says after a first deploy that the placeholder is back, that the fleet has no release, and what to do', () => {
    const hadNone = target('rolledBack', { rollingBackTo: 'none', fromVersion: 'none' });
    const kept = target('failed', { fromVersion: 'none', healthBefore: 'healthy', phases: [{ phase: 'draining', startedAtMs: 1 }] });
    expect(outcome({ a: hadNone, b: kept }, { from: 'none' })).toEqual({
      rolledBack: true,
      sentence:
        'Rolled back: a has the placeholder again; b kept the placeholder. The fleet has no current release yet. Correct 2, publish it under a new version and deploy that',
    });
    const lost = target('failed', { rollingBackTo: 'none', fromVersion: 'none', detail: 'agent silent' });
    expect(outcome({ a: lost }, { from: 'none' }).sentence).toContain('a could not be brought back to the placeholder (agent silent)');
  });

  it('offers no way back where there was no release before, nor once the release is promoted', () => {
    expect(outcome({ a: target('failed') }, { from: 'none' }).sentence).not.toContain('--recover');
    expect(outcome({ a: target('failed') }, { promoted: true }).sentence).toMatch(
      /^Release 2 is already the fleet's current release[.] a failed/,
    );
  });
});
