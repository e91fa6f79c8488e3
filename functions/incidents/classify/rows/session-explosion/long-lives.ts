import { sessionsGrow } from '../../facts/growth.ts';
import { sessionsAreFew } from '../../facts/store-content.ts';
import { livesAreLong } from '../../facts/unused-sessions.ts';
import type { Row } from '../../row.ts';

export const longLives: Row = {
  cause: 'long-lives',
  runbook: 'session-explosion',
  title: 'Sessions live much longer than anybody uses them',
  sentence: (evidence) => `the store fills because sessions stay long after their last use: ${livesAreLong(evidence).text}`,
  needs: [
    {
      asks: 'Sessions live for 30 days or more, and nine in ten have been unused for a week; or they live four times as long as their cookie.',
      judge: livesAreLong,
    },
    { asks: 'The number of sessions, or the memory, grows.', judge: sessionsGrow },
  ],
  refutedBy: [{ ruledOut: 'data that is not of sessions', asks: "Sessions take a small part of the store's data.", judge: sessionsAreFew }],
  yieldsTo: ['missing-expiry', 'large-sessions'],
  mitigations: ['scale-store'],
};
