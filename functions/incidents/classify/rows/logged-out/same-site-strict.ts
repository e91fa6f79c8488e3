import { comesBackWithCookie, comesBackWithout, isStrict } from '../../facts/cookies.ts';
import { storeGone } from '../../facts/store-reach.ts';
import type { Row } from '../../row.ts';

export const sameSiteStrict: Row = {
  cause: 'same-site-strict',
  runbook: 'logged-out',
  title: 'SameSite=Strict: users who come back from another site (a payment, a single sign-on) send no cookie',
  sentence: () => 'users who come back from another site are logged out because the session cookie is SameSite=Strict',
  needs: [
    { asks: 'The session cookie is SameSite=Strict.', judge: isStrict },
    { asks: 'Requests from pages of other sites come without a session cookie, and are redirected or refused.', judge: comesBackWithout },
  ],
  refutedBy: [
    { asks: 'Requests from pages of other sites come with a session cookie.', judge: comesBackWithCookie },
    {
      ruledOut: 'a store without a primary',
      asks: 'No primary of the store answers, and the servers do not reach it either.',
      judge: storeGone,
    },
  ],
  yieldsTo: ['stickiness-off', 'route-mismatch', 'session-changes-server', 'store-connection-failures', 'timeout-too-short'],
  mitigations: [],
};
