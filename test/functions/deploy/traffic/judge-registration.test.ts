import { describe, expect, it } from 'vitest';
import { judgeRegistration } from '../../../../functions/deploy/traffic/traffic.ts';

const judge = (state: string, seconds: number) =>
  judgeRegistration({ instanceId: 'i-1', state, detail: 'Target.Timeout' }, 0, seconds * 1000, 300);

describe('judgeRegistration', () => {
  it.each([
    ['healthy', 1, 'DONE'],
    ['healthy', 900, 'DONE'],
    ['initial', 10, 'WAIT'],
    ['draining', 10, 'WAIT'],
    ['unhealthy', 299, 'WAIT'],
  ])('takes %s after %i s for %s', (state, seconds, verdict) => {
    expect(judge(state, seconds)).toBe(verdict);
  });

  it('throws TargetNeverHealthy with the reason when the time is up', () => {
    expect(() => judge('unhealthy', 300)).toThrow(
      expect.objectContaining({
        name: 'TargetNeverHealthy',
        message: expect.stringContaining('i-1 was still unhealthy at the load balancer 300 s after it was registered (Target.Timeout)'),
      }),
    );
  });
});
