import { sessionsGrow } from '../../facts/growth.ts';
import { madeBy, madeByMachines } from '../../facts/new-sessions.ts';
import { sessionsAreFew } from '../../facts/store-content.ts';
import type { Row } from '../../row.ts';

export const sessionPerRequest: Row = {
  cause: 'session-per-request',
  runbook: 'session-explosion',
  title: 'Requests that never bring a cookie back (bots, health checks, scripts) create a session each',
  sentence: (evidence) =>
    ({
      machines:
        'the store fills with sessions of bots, health checks or scripts that never send their cookie back: each request creates one',
      replaced: 'the store fills because nearly every request gets another session in place of the one that it names',
      browsers: 'the store fills because nearly every request creates a session: the cookie does not come back',
    })[madeBy(evidence)],
  needs: [
    {
      asks: 'Most new sessions are of agents that are no browsers. Where browsers create one with most requests, it is likely at the most: a rule can drop their cookie, or they are newcomers.',
      judge: madeByMachines,
    },
    { asks: 'The number of sessions, or the memory, grows.', judge: sessionsGrow },
  ],
  refutedBy: [{ ruledOut: 'data that is not of sessions', asks: "Sessions take a small part of the store's data.", judge: sessionsAreFew }],
  yieldsTo: ['missing-expiry', 'large-sessions'],
  mitigations: ['shorten-anonymous', 'scale-store'],
};
