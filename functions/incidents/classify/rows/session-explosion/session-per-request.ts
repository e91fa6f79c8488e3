import { madeByMachines } from '../../facts/new-sessions.ts';
import { sessionsAreFew } from '../../facts/store-content.ts';
import { sessionsGrow } from '../../facts/store-memory.ts';
import type { Row } from '../../row.ts';

export const sessionPerRequest: Row = {
  cause: 'session-per-request',
  runbook: 'session-explosion',
  title: 'Requests that never bring a cookie back (bots, health checks, scripts) create a session each',
  sentence: () =>
    'the store fills with sessions of bots, health checks or scripts that never send their cookie back: each request creates one',
  needs: [
    { asks: 'Most new sessions are of agents that are no browsers, or sessions are created by most requests.', judge: madeByMachines },
    { asks: 'The number of sessions, or the memory, grows.', judge: sessionsGrow },
  ],
  refutedBy: [{ ruledOut: 'data that is not of sessions', asks: "Sessions take a small part of the store's data.", judge: sessionsAreFew }],
  yieldsTo: ['missing-expiry', 'large-sessions'],
  mitigations: ['shorten-anonymous', 'scale-store'],
};
