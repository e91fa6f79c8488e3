import { sessionsGrow } from '../../facts/growth.ts';
import { madeByPeople } from '../../facts/new-sessions.ts';
import { sessionsAreFew } from '../../facts/store-content.ts';
import { moreRequests } from '../../facts/traffic.ts';
import type { Row } from '../../row.ts';

export const moreUsers: Row = {
  cause: 'more-users',
  runbook: 'session-explosion',
  title: 'There are more users than before',
  sentence: () => 'the store fills because there are more users than before: sessions and requests rise together',
  needs: [
    { asks: 'Requests rose by half or more.', judge: moreRequests },
    { asks: 'The number of sessions, or the memory, grows.', judge: sessionsGrow },
    { asks: 'New sessions are of browsers, and few for the requests.', judge: madeByPeople },
  ],
  refutedBy: [{ ruledOut: 'data that is not of sessions', asks: "Sessions take a small part of the store's data.", judge: sessionsAreFew }],
  yieldsTo: ['missing-expiry', 'large-sessions', 'session-per-request', 'structural-growth', 'not-sessions'],
  mitigations: ['scale-store'],
};
