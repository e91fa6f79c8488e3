import { failedOver, isRedundant } from '../../facts/store-nodes.ts';
import { failoverBegins, noNodeLeft, overdueMinutes } from '../../facts/store-reach.ts';
import { not } from '../../judged.ts';
import type { Row } from '../../row.ts';

export const storeFailingOver: Row = {
  cause: 'store-failing-over',
  runbook: 'store-failure',
  title: 'The primary is gone, and a replica takes over',
  sentence: (evidence) => {
    if (failedOver(evidence).truth === true) return 'the session store failed over to a replica';
    const next = overdueMinutes(evidence) === undefined ? 'a replica is about to take over' : 'no replica has taken over';
    return `the primary of the session store is gone, and ${next}`;
  },
  needs: [
    {
      asks: 'A failover was reported around the first sign; or the primary is gone, for the servers too, while a replica answers. It is not certain of one that is only silent, and after a quarter of an hour without a report.',
      judge: failoverBegins,
    },
  ],
  refutedBy: [
    { ruledOut: 'a store that is gone as a whole', asks: 'No node answers, the servers either: nothing can take over.', judge: noNodeLeft },
    { asks: 'Automatic failover is off, or there is no replica.', judge: (evidence) => not(isRedundant(evidence)) },
  ],
  yieldsTo: ['store-not-redundant', 'store-down'],
  mitigations: ['keep-servers', 're-login-page', 'promote-replica'],
};
