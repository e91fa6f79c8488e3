import { noNode, noPrimary, serverReaches } from '../../facts/store-nodes.ts';
import type { Row } from '../../row.ts';

export const storeDown: Row = {
  cause: 'store-down',
  runbook: 'store-failure',
  title: 'No node of the store answers',
  sentence: () => 'the session store is down: none of its nodes answers',
  needs: [
    { asks: 'No primary takes writes.', judge: noPrimary },
    { asks: 'No node answers at all.', judge: noNode },
  ],
  refutedBy: [
    {
      ruledOut: 'a collector that alone is cut off',
      asks: 'A server reaches the store: then it is the way of the collector that is broken.',
      judge: serverReaches,
    },
  ],
  yieldsTo: ['store-not-redundant'],
  mitigations: ['keep-servers', 're-login-page'],
};
