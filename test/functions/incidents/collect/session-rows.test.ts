/** Rows of the document about sessions, as evidence. */
import { expect, it } from 'vitest';
import { describeServer } from '../../../../functions/incidents/collect/describe-server.ts';
import { readAnswer } from '../../../../functions/incidents/collect/read-answer.ts';
import { FROM_MS } from '../healthy-evidence.ts';

/** @param flags of the row of the one session that the server's log shows */
function traceWith(flags: string) {
  const output = {
    release: '1.4.2',
    access: {
      ...{ lines: 10, fromMs: FROM_MS, toMs: FROM_MS + 60_000, statuses: { 200: 10 }, withSession: 9, replaced: 1, foreignRoute: 0 },
      ...{
        routes: ['server1'],
        sessions: [`0000000000aa 5 55 4 0${flags}`],
        allSessions: true,
        allUnknown: true,
        showsAnswered: true,
        created: null,
        fromOtherSite: null,
      },
      ...{ lostAtAgeMinutes: {}, lostAfterIdleSeconds: {}, endedAtAgeMinutes: {} },
    },
    gaps: [],
  };
  const command = { state: 'succeeded' as const, statusDetails: 'Success', output: JSON.stringify(output), errorOutput: '' };
  const answer = readAnswer('read-access-log', command, { fromMs: FROM_MS, toMs: FROM_MS + 60_000 });
  return typeof answer === 'string' ? undefined : Object.values(describeServer('i-1', answer, undefined).access?.sessions ?? {})[0];
}

const SEEN = { routes: ['server1'], firstMs: FROM_MS + 5_000, lastMs: FROM_MS + 55_000, requests: 4 };

it.each([
  ['', {}],
  [' !', { lost: true }],
  [' ?', { unknown: true }],
  [' !?', { lost: true, unknown: true }],
  [' *', { begins: true }],
  [' *!', { begins: true, lost: true }],
])('a row that ends with "%s" is read', (flags, facts) => {
  expect(traceWith(flags)).toEqual({ ...SEEN, ...facts });
});

// What a server gave out it knows.
it.each([' *?', ' *!?', ' !*', ' ', ' x', '*'])('a row that ends with "%s" is none that the document prints', (flags) => {
  expect(traceWith(flags)).toBeUndefined();
});
