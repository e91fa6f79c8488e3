import { cookieStays, endedAtMaxAge, outlivedMaxAge } from '../../facts/cookies.ts';
import { storeGone } from '../../facts/store-reach.ts';
import type { Row } from '../../row.ts';

export const cookieDoesNotSlide: Row = {
  cause: 'cookie-does-not-slide',
  runbook: 'logged-out',
  title: "The cookie's Max-Age is set once and not renewed: active users are out when it passes",
  sentence: () => "active users are logged out because the session cookie's Max-Age is set at the login and never renewed",
  needs: [
    { asks: 'The cookie has a Max-Age, and a later answer does not set it again.', judge: cookieStays },
    { asks: 'Sessions of active users end at the age of the Max-Age.', judge: endedAtMaxAge },
  ],
  refutedBy: [
    { asks: 'Sessions are used for longer than the Max-Age.', judge: outlivedMaxAge },
    {
      ruledOut: 'a store without a primary',
      asks: 'No primary of the store answers, and the servers do not reach it either.',
      judge: storeGone,
    },
  ],
  yieldsTo: ['stickiness-off', 'route-mismatch', 'session-changes-server', 'store-connection-failures'],
  mitigations: [],
};
