/** What a site puts into headers, attributes and names is in the canary's report, and steers nothing there. */
import { describe, expect, it } from 'vitest';
import { judgeCaching } from '../../../functions/canary/checks/caching.ts';
import { judgeCookie } from '../../../functions/canary/checks/cookies.ts';
import { judgeHsts } from '../../../functions/canary/checks/transport.ts';
import { HOSTILE, STEERS } from '../shared/hostile-texts.ts';

describe('findings', () => {
  it.each(HOSTILE)(
    'say of a header, an attribute and a name with %s nothing that steers a terminal, and no secret',
    (_what, text, secret) => {
      const cookie = { name: 'SID', value: 'x', host: 'shop', secure: false, httpOnly: false, domain: text, sameSite: text };
      const outcomes = [
        judgeCaching({ headers: { 'cache-control': text } }),
        judgeHsts({ headers: { 'strict-transport-security': text } }),
        ...judgeCookie(cookie, undefined),
      ];
      for (const { what } of outcomes) {
        expect(what).not.toMatch(STEERS);
        if (secret !== undefined) expect(what).not.toContain(secret);
      }
      for (const { what } of judgeCookie({ ...cookie, name: text }, 'Lax')) expect(what).not.toMatch(STEERS);
    },
  );
});
