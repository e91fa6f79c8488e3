import { linesAbout } from '../../facts/application-logs.ts';
import { sessionsInMemory } from '../../facts/balancer.ts';
import { errorsBeganLater, storeTrouble } from '../../facts/store-trouble.ts';
import { not } from '../../judged.ts';
import type { Row } from '../../row.ts';

export const storeConnectionFailures: Row = {
  cause: 'store-connection-failures',
  runbook: 'logged-out',
  title: 'Servers cannot read or write sessions in the store',
  sentence: () => 'users are logged out because servers cannot read or write their sessions in the store',
  needs: [
    { asks: 'Sessions are in the store.', judge: (evidence) => not(sessionsInMemory(evidence)) },
    {
      asks: 'No primary answers and the servers do not reach the store either, most servers cannot reach it, or their logs have errors of connections or refused writes.',
      judge: storeTrouble,
    },
  ],
  refutedBy: [{ asks: 'The errors began well after users were logged out.', judge: errorsBeganLater }],
  supportedBy: [
    { asks: 'A node refuses their writes.', judge: (evidence) => linesAbout(evidence, 'readOnly', 'writes that a node refuses') },
    { asks: 'The store is full.', judge: (evidence) => linesAbout(evidence, 'outOfMemory', 'writes that a full store refuses') },
  ],
  yieldsTo: [],
  behind: ['store-not-redundant', 'store-down', 'store-failing-over', 'store-rejects-logins', 'server-partitioned', 'store-read-only'],
  mitigations: ['keep-servers', 're-login-page'],
};
