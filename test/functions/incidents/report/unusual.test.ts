import { expect, it } from 'vitest';
import { unusual } from '../../../../functions/incidents/report/unusual.ts';
import { AT, someEvidence } from './an-incident.ts';

const servers = (...samples: readonly ({ requests: number; of: number } | undefined)[]) =>
  someEvidence({
    servers: {
      takenAtMs: AT,
      facts: { servers: samples.map((unwritten, at) => ({ instanceId: `i-${at + 1}`, ...(unwritten && { unwritten }) })) },
    },
  });

it.each([
  [
    'by two of three servers',
    [{ requests: 3, of: 40 }, { requests: 1, of: 30 }, undefined],
    ['4 of 70 sampled requests changed session attributes that were not written to the store: users lose such changes on the next server.'],
  ],
  ['by none', [{ requests: 0, of: 40 }], []],
  ['by servers that compare no sessions', [undefined], []],
] as const)('names changes of sessions that were lost %s', (_, samples, sentences) => {
  expect(unusual(servers(...samples)).filter((sentence) => sentence.includes('session attributes'))).toEqual(sentences);
});
