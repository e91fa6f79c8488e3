import { loginsRefused, noServerRefused } from '../../facts/store-logins.ts';
import type { Row } from '../../row.ts';

export const storeRejectsLogins: Row = {
  cause: 'store-rejects-logins',
  runbook: 'store-failure',
  title: 'The store answers and refuses the login: a password or user that was changed on one side',
  sentence: () => 'the session store refuses logins: a password or user was changed on one side alone',
  needs: [
    {
      asks: 'A node refuses the login of the collector (WRONGPASS, NOAUTH, NOPERM) or of the application on a server, which tries its own (WRONGPASS); or many logins are refused.',
      judge: loginsRefused,
    },
  ],
  refutedBy: [
    {
      ruledOut: 'a refusal that concerns no user',
      asks: 'No server is refused, and their logs have no errors of the store: then no user is concerned.',
      judge: noServerRefused,
    },
  ],
  yieldsTo: ['store-not-redundant', 'store-down'],
  mitigations: ['keep-servers', 're-login-page'],
};
