/** Cookies that changed within the hour: counts of the whole logs mix what was before with what is since. */
import { describe, expect, it } from 'vitest';
import { classify } from '../../../../../functions/incidents/classify/classify.ts';
import type { ServerFacts, SessionTrace } from '../../../../../functions/incidents/contract/server-facts.ts';
import { troubleOf } from '../../../../../functions/incidents/trouble/trouble.ts';
import { access, evidence, FROM_MS, NOW_MS, server } from '../../healthy-evidence.ts';

const MINUTE = 60_000;
const MINUTES = Math.floor((NOW_MS - FROM_MS) / MINUTE);
const AT = 30;
const both = (of: (id: string) => Partial<ServerFacts>) => ({ servers: ['i-1', 'i-2'].map((id) => server(id, of(id))) });
const release = (at: number) => ({
  deploys: [
    ...[{ deployId: 'd-1', from: '1.4.0', to: '2.0.0', status: 'SUCCEEDED', startedAtMs: FROM_MS + at * MINUTE } as const].map((one) => ({
      ...one,
      finishedAtMs: one.startedAtMs + 3 * MINUTE,
    })),
  ],
});

describe('people who come back from another site without their cookie since a release', () => {
  const strict = { name: 'SID', maxAgeSeconds: 1_800, sameSite: 'Strict', secure: true, httpOnly: true, slides: true } as const;
  const servers = both((id) => ({
    access: access(id, { fromOtherSite: { withCookie: 45, withoutCookie: 55, refused: 55 } }),
    cookie: strict,
  }));

  it('are by a Strict cookie where those that had one came before it', () => {
    const planted = evidence({ servers, deploys: release(AT) });
    expect(classify(planted, 'logged-out')).toMatchObject({ cause: 'same-site', confidence: 'likely' });
    expect(troubleOf(planted).channels.returns).toMatchObject({ state: 'acute', onset: FROM_MS + AT * MINUTE });
  });

  it.each([
    ['no deploy ran', { deploys: [] }],
    ['the deploy ran much later', release(MINUTES - 8)],
  ])('are not where %s', (_, deploys) => {
    expect(classify(evidence({ servers, deploys }), 'logged-out')).not.toHaveProperty('cause');
  });
});

interface Site {
  readonly livesOn: number;
  readonly isNamed: boolean;
  readonly isSecure?: boolean;
  readonly deployAt?: number;
}

/** People are sent to the login from a minute on. Sessions of before live on for so long; of those since, so many are named. */
function turnedAway({ livesOn, isNamed, isSecure = true, deployAt = AT - 2 }: Site) {
  const byMinute = Array.from({ length: MINUTES }, (_, at) => ({
    ...{ minuteMs: FROM_MS + at * MINUTE, requests: 100, redirects: at < AT ? 2 : 60 },
    ...{ clientErrors: 0, serverErrors: 0 },
  }));
  const sessions = (id: string): Record<string, SessionTrace> =>
    Object.fromEntries(
      Array.from({ length: MINUTES }, (_, at) => {
        const firstMs = FROM_MS + at * MINUTE;
        const old = { requests: 20, lastMs: firstMs + ((at % 10) / 10 < livesOn ? 40 : Math.max(0, AT - at)) * MINUTE };
        const fresh = isNamed ? { requests: 20, lastMs: firstMs + 3 * MINUTE } : { requests: 0, lastMs: firstMs };
        return [`${id}-${at}`, { routes: [], firstMs, begins: true, ...(at < AT ? old : fresh) }];
      }),
    );
  return evidence({
    servers: both((id) => ({
      access: access(id, { byMinute, sessions: sessions(id) }),
      cookie: { name: 'SID', maxAgeSeconds: null, sameSite: 'Lax', secure: isSecure, httpOnly: true, slides: true },
    })),
    deploys: release(deployAt),
    balancer: { listeners: [{ protocol: 'HTTP', port: 80, redirectsToHttps: false }] },
  });
}

it('a front that can drop the cookie of some users stays a candidate, where many sessions fall silent and none is refused', () => {
  const candidatesOf = (livesOn: number) => classify(turnedAway({ livesOn, isNamed: true, deployAt: AT - 20 }), 'logged-out');
  expect(candidatesOf(0.3)).toMatchObject({ candidates: expect.arrayContaining(['cookies-stripped']) });
  expect(candidatesOf(0.9)).not.toMatchObject({ candidates: expect.arrayContaining(['cookies-stripped']) });
});
