import { expect, test } from 'vitest';
import { resolveSettings } from '../../../../functions/deploy/settings/read-settings.ts';
import { decideDrain } from '../../../../functions/instance/decide-drain.ts';

/** How long a load balancer goes on sending at most, as users measured. */
const LAG_SECONDS = 25;

test.each([{}, { quietSeconds: 60 }, { deregistrationDelaySeconds: 300 }])(
  'a drain lasts long enough for a request that arrives last and has the whole deregistration delay (%j)',
  (settings) => {
    const limits = resolveSettings(settings, 'web');
    const lastAnswerSeconds = LAG_SECONDS + limits.deregistrationDelaySeconds;
    const answerAt = (seconds: number) => {
      const quietSeconds = Math.max(0, seconds - lastAnswerSeconds);
      return { signal: 'counts' as const, inFlight: seconds < lastAnswerSeconds ? 1 : 0, requests: 7, quietSeconds };
    };
    const verdicts: string[] = [];
    // Each slice starts a little after the end of the one before.
    for (let seconds = 10; verdicts.at(-1) !== 'DONE'; seconds += 10) {
      verdicts.push(decideDrain(answerAt(seconds), 'i-1', 0, seconds * 1000, limits).verdict);
    }
    expect(new Set(verdicts.slice(0, -1))).toEqual(new Set(['REPEAT']));
  },
);
