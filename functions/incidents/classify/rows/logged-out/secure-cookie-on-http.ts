import { cookieReturns, isSecure, plainHttp, sessionsMadeInVain } from '../../facts/cookies.ts';
import type { Row } from '../../row.ts';

export const secureCookieOnHttp: Row = {
  cause: 'secure-cookie-on-http',
  runbook: 'logged-out',
  title: 'A Secure cookie on plain HTTP: browsers do not send it back',
  sentence: () => 'users are logged out because the session cookie is Secure, and the load balancer serves them over plain HTTP',
  needs: [
    { asks: 'The session cookie is Secure.', judge: isSecure },
    { asks: 'A listener serves plain HTTP without a redirect to HTTPS.', judge: plainHttp },
    { asks: 'New sessions are made again and again.', judge: sessionsMadeInVain },
  ],
  refutedBy: [{ asks: 'Sessions come back with later requests.', judge: cookieReturns }],
  yieldsTo: [],
  mitigations: [],
};
