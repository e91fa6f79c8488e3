/** Sessions that end with a cookie whose Max-Age is not renewed: no log shows that anybody is sent away from them. */
import { describe, expect, it } from 'vitest';
import { classify } from '../../../../functions/incidents/classify/classify.ts';
import type { SessionTrace } from '../../../../functions/incidents/contract/server-facts.ts';
import { troubleOf } from '../../../../functions/incidents/trouble/trouble.ts';
import { access, evidence, FROM_MS, NOW_MS, server } from '../healthy-evidence.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const MINUTES = Math.floor((NOW_MS - FROM_MS) / MINUTE);
const RELEASED = 20;
const MAX_AGE_SECONDS = 600;

interface Site {
  /** One in a minute begins at each server; it ends after so long. */
  readonly lifeSeconds?: number;
  readonly slides?: boolean;
  /** More requests a minute in the last quarter of an hour, and how many of them are redirects. */
  readonly more?: number;
  readonly redirects?: number;
  readonly isReleased?: boolean;
}

/** Sessions of before the release live for three quarters of an hour, and those that begin later as the site has it. */
function sessionsOf(id: string, lifeSeconds: number): Record<string, SessionTrace> {
  const all = Array.from({ length: MINUTES }, (_, at): [string, SessionTrace] => {
    const firstMs = FROM_MS + at * MINUTE;
    const lastMs = Math.min(NOW_MS - SECOND, firstMs + (at < RELEASED ? 45 * MINUTE : lifeSeconds * SECOND));
    return [`${id}-${at}`, { routes: [], firstMs, lastMs, requests: 40, begins: true }];
  });
  return Object.fromEntries(all);
}

function site({ lifeSeconds = 595, slides = false, more = 0, redirects = 0, isReleased = true }: Site) {
  const minutes = Array.from({ length: MINUTES }, (_, at) => ({
    ...{ minuteMs: FROM_MS + at * MINUTE, lost: 0, lostUnknown: 0, clientErrors: 0, serverErrors: 0 },
    ...(at < MINUTES - 15 ? { requests: 100, redirects: 2 } : { requests: 100 + more, redirects: 2 + redirects }),
  }));
  const servers = ['i-1', 'i-2'].map((id) =>
    server(id, {
      access: access(id, { byMinute: minutes, sessions: sessionsOf(id, lifeSeconds) }),
      cookie: { name: 'SID', maxAgeSeconds: MAX_AGE_SECONDS, sameSite: 'Lax', secure: true, httpOnly: true, slides },
    }),
  );
  const release = {
    deployId: 'd-1',
    from: '1.4.0',
    to: '2.0.0',
    status: 'SUCCEEDED',
    startedAtMs: FROM_MS + (RELEASED - 2) * MINUTE,
  } as const;
  const deploys = isReleased ? [{ ...release, finishedAtMs: FROM_MS + RELEASED * MINUTE }] : [];
  return evidence({ servers: { servers }, deploys: { deploys } });
}

describe('sessions that end at the Max-Age of a cookie which came with a release', () => {
  it('are a candidate where nobody knows what changed the cookie', () => {
    const finding = classify(site({ isReleased: false }), 'logged-out');
    expect(finding).toMatchObject({ verdict: 'unknown', candidates: expect.arrayContaining(['cookie-does-not-slide']) });
  });

  it.each([
    ['the cookie is renewed', { slides: true }],
    ['people leave earlier', { lifeSeconds: 300 }],
    ['sessions are used for longer', { lifeSeconds: 1_500 }],
  ])('are none where %s', (_, over) => {
    expect(troubleOf(site(over)).kind).toBe('none');
  });
});

describe('redirects on top of as many pages as before', () => {
  const USED_ON = { lifeSeconds: 1_500 } as const;

  it('are perhaps of people who log in again where hardly more pages are, unless the cookie is renewed', () => {
    expect(troubleOf(site({ ...USED_ON, more: 25, redirects: 20 })).channels.redirects).toMatchObject({ state: 'acute', isPerhaps: true });
    expect(troubleOf(site({ ...USED_ON, more: 25, redirects: 20, slides: true }))).toMatchObject({ kind: 'none' });
  });

  it('are of people whose cookie has ended', () => {
    const { redirects } = troubleOf(site({ more: 40, redirects: 20 })).channels;
    expect(redirects).toMatchObject({ state: 'acute' });
    expect(redirects).not.toHaveProperty('isPerhaps');
  });
});
