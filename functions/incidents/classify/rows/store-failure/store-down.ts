import { noNode, ofNodes } from '../../facts/store-nodes.ts';
import { mostServersReach, othersMiss, wayIsCut } from '../../facts/store-reach.ts';
import type { Row } from '../../row.ts';

export const storeDown: Row = {
  cause: 'store-down',
  runbook: 'store-failure',
  title: 'No node of the store answers',
  sentence: () => 'the session store is down: none of its nodes answers',
  needs: [
    {
      asks: 'No node answers at all. It is certain where their hosts refuse connections, or ElastiCache says that the group is not available: silence can be the network.',
      judge: ofNodes(noNode),
    },
    {
      asks: 'Somebody else than the collector misses the store: a server, a replica, users who get errors, or a health check that asks it. Servers that are silent show nothing.',
      judge: othersMiss,
    },
  ],
  refutedBy: [
    {
      ruledOut: 'a way that is cut',
      asks: 'The name of the store is not known, or a rule on the way to it was changed just before: then it is the way of all.',
      judge: wayIsCut,
    },
    {
      ruledOut: 'a collector that alone is cut off',
      asks: 'Most servers reach the store: then it is the way of the collector that is broken.',
      judge: mostServersReach,
    },
  ],
  yieldsTo: ['store-not-redundant'],
  mitigations: ['keep-servers', 're-login-page'],
};
