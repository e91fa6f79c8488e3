import { isRedundant, noPrimary, ofNodes } from '../../facts/store-nodes.ts';
import { mostServersReach, othersMiss, wayIsCut } from '../../facts/store-reach.ts';
import { not } from '../../judged.ts';
import type { Row } from '../../row.ts';

export const storeNotRedundant: Row = {
  cause: 'store-not-redundant',
  runbook: 'store-failure',
  title: 'The primary is gone, and nothing takes over by itself: no replica, or automatic failover is off',
  sentence: () => 'the session store is down, and nothing takes over by itself, because it has no automatic failover',
  needs: [
    {
      asks: 'No primary takes writes. It is certain where its host refuses connections, or ElastiCache says that the group is not available: silence can be the network.',
      judge: ofNodes(noPrimary),
    },
    { asks: 'Automatic failover is off, or there is no replica.', judge: (evidence) => not(isRedundant(evidence)) },
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
  yieldsTo: [],
  mitigations: ['keep-servers', 're-login-page', 'promote-replica'],
};
