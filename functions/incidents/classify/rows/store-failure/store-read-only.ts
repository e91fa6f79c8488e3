import { refusesWrites } from '../../facts/store-nodes.ts';
import { failoverPending } from '../../facts/store-reach.ts';
import type { Row } from '../../row.ts';

export const storeReadOnly: Row = {
  cause: 'store-read-only',
  runbook: 'store-failure',
  title: 'The store answers and refuses writes: servers stayed on the old primary after a failover, or the primary cannot write',
  sentence: () =>
    'servers write to a node of the store that refuses writes (READONLY, NOREPLICAS), such as the old primary after a failover',
  needs: [
    {
      asks: "A node where a primary is expected refuses writes, or the servers' logs have its errors (READONLY, NOREPLICAS, MISCONF).",
      judge: refusesWrites,
    },
  ],
  refutedBy: [{ asks: 'The primary is gone and a failover is about to happen.', judge: failoverPending }],
  yieldsTo: ['store-not-redundant', 'store-down'],
  mitigations: ['keep-servers', 're-login-page'],
};
