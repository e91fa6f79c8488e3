import { failoverReported } from '../../facts/store-nodes.ts';
import { collectorFindsNone, foundOnlyNow, mostServersReach, serversFail } from '../../facts/store-reach.ts';
import type { Row } from '../../row.ts';

export const collectorCutOff: Row = {
  cause: 'collector-cut-off',
  runbook: 'store-failure',
  title: 'The collector alone cannot reach the store: no user is concerned',
  sentence: () => 'the collector alone cannot reach the session store, while the servers do: its own network is cut off from it',
  needs: [
    { asks: 'The collector finds no primary, and cannot reach the nodes.', judge: collectorFindsNone },
    { asks: 'Most servers reach the store.', judge: mostServersReach },
  ],
  refutedBy: [
    { asks: 'A failover was reported: then the primary was gone for a moment.', judge: failoverReported },
    {
      ruledOut: 'servers that fail although their PING is answered',
      asks: 'The gates of most servers are not UP, or they answer with more errors than before: a PING asks for less than an application does.',
      judge: serversFail,
    },
    { asks: 'A re-check two minutes before did not find the same: then a failover may be about to happen.', judge: foundOnlyNow },
  ],
  yieldsTo: [],
  mitigations: [],
};
