import { describe, expect, it, test } from 'vitest';
import { fillSettings, resolveSettings } from '../../../../functions/deploy/settings/read-settings.ts';
import { decideDrain } from '../../../../functions/instance/steps/drain.ts';

/** How long a load balancer goes on sending at most, as users measured. */
const LAG_SECONDS = 25;
const CUT_MARGIN_SECONDS = 10;

const refusalOf = (settings: object): string => {
  try {
    resolveSettings(settings, 'web');
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
  throw new Error('not refused');
};

test.each([{}, { quietSeconds: 60 }, { deregistrationDelaySeconds: 120 }, { deregistrationDelaySeconds: 900 }])(
  'a drain sees the last request out: one that arrives late and ends before the silence has to begin (%j)',
  (settings) => {
    const limits = resolveSettings(settings, 'web');
    expect(limits.drainTimeoutSeconds).toBe(limits.deregistrationDelaySeconds - CUT_MARGIN_SECONDS);
    const lastEndSeconds = Math.max(LAG_SECONDS, limits.drainTimeoutSeconds - limits.quietSeconds - limits.drainSliceSeconds);
    const answerAt = (seconds: number) => {
      const quietSeconds = Math.max(0, seconds - lastEndSeconds);
      return { signal: 'counts' as const, inFlight: seconds < lastEndSeconds ? 1 : 0, requests: 7, quietSeconds };
    };
    const verdicts: string[] = [];
    // Each slice starts a little after the end of the one before.
    for (let seconds = 10; verdicts.at(-1) !== 'DONE'; seconds += 10) {
      verdicts.push(decideDrain(answerAt(seconds), 'i-1', { phaseStartedAtMs: 0 }, seconds * 1000, limits).verdict);
    }
    expect(new Set(verdicts.slice(0, -1))).toEqual(new Set(['REPEAT']));
  },
);

test.each([
  [{}, 360],
  [{ deregistrationDelaySeconds: 60 }, 300],
  [{ deregistrationDelaySeconds: 900 }, 960],
  [{ deregistrationDelaySeconds: 900, registerTimeoutSeconds: 30 }, 30],
])('a target that was draining has a minute after its delay to become healthy, unless it is set (%j)', (settings, expected) => {
  expect(resolveSettings(settings, 'web').registerTimeoutSeconds).toBe(expected);
});

describe('times with which no drain can end before the load balancer cuts what still runs', () => {
  it.each([
    [{ deregistrationDelaySeconds: 30 }, 'deregistrationDelaySeconds (30) leaves a drain 20 s', 'Set it to 45 or more'],
    [{ deregistrationDelaySeconds: 0 }, 'deregistrationDelaySeconds (0) leaves a drain 0 s', 'Set it to 45 or more'],
    [{ drainTimeoutSeconds: 291 }, 'drainTimeoutSeconds (291) is later than 290', 'increase deregistrationDelaySeconds to 301'],
    [
      { deregistrationDelaySeconds: 60, drainTimeoutSeconds: 60 },
      'drainTimeoutSeconds (60) is later than 50',
      'increase deregistrationDelaySeconds to 70',
    ],
    [{ drainTimeoutSeconds: 34 }, 'drainTimeoutSeconds (34) is below 35', 'Leave it out, and it is 290'],
  ])('are refused, with what to do: %j', (settings, what, advice) => {
    expect(refusalOf(settings)).toMatch(/^InvalidInput: the deploy settings of fleet web are not valid: /);
    expect(refusalOf(settings)).toContain(what);
    expect(refusalOf(settings)).toContain(advice);
    expect(fillSettings(settings, 'web'), 'what has begun with them goes on').toMatchObject(settings);
  });

  it.each([
    {},
    { deregistrationDelaySeconds: 45 },
    { drainTimeoutSeconds: 290 },
    { drainTimeoutSeconds: 35 },
    { drainSignal: 'blind', deregistrationDelaySeconds: 30 },
  ])('are not these: %j', (settings) => {
    expect(resolveSettings(settings, 'web')).toMatchObject(settings);
  });
});
