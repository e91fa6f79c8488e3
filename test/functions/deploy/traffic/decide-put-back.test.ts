import { describe, expect, it } from 'vitest';
import { decidePutBack, type RolledTarget } from '../../../../functions/deploy/traffic/decide-put-back.ts';

const target = (phase: RolledTarget['phase'], more: Partial<RolledTarget> = {}): RolledTarget => ({
  phase,
  fromVersion: '1',
  healthBefore: 'healthy',
  ...more,
});

describe('decidePutBack', () => {
  it.each([
    { error: 'CommandFailed', progress: target('preparing'), action: 'leave' },
    { error: 'DrainTimedOut', progress: target('draining'), action: 'register' },
    { error: 'CommandFailed', progress: target('draining'), action: 'register' },
    { error: 'States.Timeout', progress: target('waiting'), action: 'register' },
    { error: 'ChecksumMismatch', progress: target('installing'), action: 'register' },
    { error: 'InstallFailed', progress: target('installing', { servingVersion: '1' }), action: 'register' },
    { error: 'InstallFailed', progress: target('installing'), action: 'leave' },
    { error: 'CommandFailed', progress: target('installing'), action: 'leave' },
    { error: 'TargetNeverUp', progress: target('checkingReadiness'), action: 'takeOut' },
    { error: 'CommandFailed', progress: target('checkingReadiness'), action: 'leave' },
    { error: 'TargetNeverHealthy', progress: target('registering'), action: 'takeOut' },
    { error: 'TransientServiceError', progress: target('registering'), action: 'register' },
    { error: 'Aborted', progress: target('registering', { rollingBackTo: '1' }), action: 'register' },
    { error: 'TooFewHealthyTargets', progress: target('draining'), action: 'register' },
    { error: 'BakeFailed', progress: target('baking'), action: 'takeOut' },
    { error: 'TransientServiceError', progress: target('baking'), action: 'leave' },
    { error: 'DrainTimedOut', progress: target('draining', { healthBefore: 'unused' }), action: 'leave' },
    { error: 'DrainTimedOut', progress: target('draining', { healthBefore: 'unhealthy' }), action: 'register' },
    { error: 'DrainTimedOut', progress: undefined, action: 'register' },
    { error: 'TargetNeverUp', progress: target('checkingReadiness', { rollingBackTo: '1' }), action: 'takeOut' },
    { error: 'CommandFailed', progress: target('draining', { rollingBackTo: '1' }), action: 'register' },
    { error: 'CommandFailed', progress: target('draining', { rollingBackTo: '1', healthBefore: 'unused' }), action: 'leave' },
    { error: 'DrainTimedOut', progress: target('draining', { rollingBackTo: '1', healthBefore: 'draining' }), action: 'leave' },
  ])(
    'decides $action after $error while $progress.phase ($progress.healthBefore before, $progress.servingVersion serving)',
    ({ error, progress, action }) => {
      expect(decidePutBack(error, progress, '2').action).toBe(action);
    },
  );

  it.each<[string, RolledTarget, string]>([
    ['PreparationFailed', target('preparing', { fromVersion: 'none' }), 'takeOut'],
    ['CommandFailed', target('draining', { fromVersion: 'none' }), 'takeOut'],
    ['InstallFailed', target('installing', { fromVersion: 'none', servingVersion: 'none' }), 'takeOut'],
    ['TransientServiceError', target('baking', { fromVersion: 'none' }), 'leave'],
    ['PreparationFailed', target('preparing'), 'leave'],
    ['CommandFailed', target('draining'), 'register'],
  ])('takes a placeholder out of service that the deploy goes on without: after %s of %j it decides %s', (error, progress, action) => {
    expect(decidePutBack(error, progress, '2', true).action).toBe(action);
  });

  it('says in the record which release serves, or that none is known to', () => {
    expect(decidePutBack('DrainTimedOut', target('draining'), '2').detail).toBe('registered again: release 1 still serves');
    expect(decidePutBack('CommandFailed', target('draining', { rollingBackTo: '1' }), '2').detail).toBe(
      'registered again: release 2 still serves',
    );
    expect(decidePutBack('TargetNeverUp', target('checkingReadiness', { rollingBackTo: '1' }), '2').detail).toContain(
      'release 1 failed its checks',
    );
    expect(decidePutBack('TargetNeverUp', target('checkingReadiness'), '2').detail).toBe('out of service: release 2 failed its checks');
    const first = target('installing', { fromVersion: 'none', servingVersion: 'none' });
    expect(decidePutBack('InstallFailed', first, '2').detail).toBe('registered again: the placeholder serves');
  });
});
