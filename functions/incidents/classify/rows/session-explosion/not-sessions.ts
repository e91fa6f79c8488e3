import { buffersAreLarge, isFragmented, otherKeys, sessionsAreFew } from '../../facts/store-content.ts';
import { memoryGrows, moreSessions } from '../../facts/store-memory.ts';
import { anyOf } from '../../judged.ts';
import type { Row } from '../../row.ts';

export const notSessions: Row = {
  cause: 'not-sessions',
  runbook: 'session-explosion',
  title: "Something else fills the store: other keys, clients' buffers",
  sentence: () => 'the store fills with something other than sessions',
  needs: [
    {
      asks: "Sessions take a small part of the store's data, and other keys or clients' buffers the rest.",
      judge: (evidence) => anyOf(otherKeys(evidence), buffersAreLarge(evidence)),
    },
    {
      asks: "Sessions take a small part of the store's data, or buffers a large part of its memory.",
      judge: (evidence) => anyOf(sessionsAreFew(evidence), buffersAreLarge(evidence)),
    },
    { asks: 'Memory is tight, or grows.', judge: memoryGrows },
  ],
  refutedBy: [{ ruledOut: 'more sessions', asks: 'The number of sessions rose: it is they that fill it.', judge: moreSessions }],
  supportedBy: [{ asks: 'Memory is fragmented, which maxmemory does not count.', judge: isFragmented }],
  yieldsTo: [],
  mitigations: ['scale-store'],
};
