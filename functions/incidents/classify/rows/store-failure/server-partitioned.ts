import { serverRefused } from '../../facts/store-logins.ts';
import { serverCutOff, storeAnswers } from '../../facts/store-nodes.ts';
import { cutOffServers, wayIsCut } from '../../facts/store-reach.ts';
import { anyOf } from '../../judged.ts';
import type { Row } from '../../row.ts';

export const serverPartitioned: Row = {
  cause: 'server-partitioned',
  runbook: 'store-failure',
  title: 'Servers cannot reach a store that is well: a security group, a route, a name',
  sentence: (evidence) => {
    const way = wayIsCut(evidence);
    if (way.truth === true) return `servers and collector cannot reach the session store, which ElastiCache says is well: ${way.text}`;
    const [only, another] = cutOffServers(evidence);
    return only !== undefined && another === undefined
      ? `server ${only} cannot reach the session store, although the store is well: its network is cut off from it`
      : 'servers cannot reach the session store, although the store is well: their network is cut off from it';
  },
  needs: [
    { asks: 'A server cannot reach the store.', judge: serverCutOff, byOneServer: true },
    {
      asks: 'A primary answers inside the network; or nobody reaches the store since its name is not known, or since a rule was changed, while ElastiCache says that it is well. The latter is likely at the most.',
      judge: (evidence) => anyOf(storeAnswers(evidence), wayIsCut(evidence)),
    },
  ],
  refutedBy: [{ asks: 'The store refuses the login of those servers: then the network is well.', judge: serverRefused }],
  yieldsTo: ['store-not-redundant', 'store-down', 'store-failing-over', 'store-rejects-logins'],
  about: (evidence) => {
    const cut = cutOffServers(evidence);
    return cut.length === 1 && cut[0] !== undefined ? { instanceId: cut[0] } : undefined;
  },
  // Its network stays cut off after a restart.
  mitigations: ['keep-servers'],
};
