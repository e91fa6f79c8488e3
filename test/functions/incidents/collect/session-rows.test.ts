/** Rows of the document about sessions, as evidence. */
import { expect, it } from 'vitest';
import { describeServer } from '../../../../functions/incidents/collect/describe-server.ts';
import { readAnswer } from '../../../../functions/incidents/collect/read-answer.ts';
import { FROM_MS } from '../healthy-evidence.ts';

/** @param flags of the row of the one session that the server's log shows */
const traceWith = (flags: string) => Object.values(accessOf(`0000000000aa 5 55 4 0${flags}`)?.sessions ?? {})[0];

function accessOf(row: string, counts: object = {}) {
  const output = {
    release: '1.4.2',
    access: {
      ...{ lines: 10, fromMs: FROM_MS, toMs: FROM_MS + 60_000, statuses: { 200: 10 }, withSession: 9, replaced: 1, foreignRoute: 0 },
      ...{
        routes: ['server1'],
        sessions: [row],
        allSessions: true,
        allUnknown: true,
        showsAnswered: true,
        created: null,
        fromOtherSite: null,
      },
      ...counts,
    },
    gaps: [],
  };
  const command = { state: 'succeeded' as const, statusDetails: 'Success', output: JSON.stringify(output), errorOutput: '' };
  const answer = readAnswer('access-log', command, { fromMs: FROM_MS, toMs: FROM_MS + 60_000 });
  return typeof answer === 'string' ? undefined : describeServer('i-1', answer, undefined).access;
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

const COUNTS = {
  minutes: ['0 4 1', '1 6 0 2 3'],
  paths: ['/login 0:1,200:2,302:1,404:1,500:3', '/users/anna 404:1', 'other 200:2'],
  errors: ['0 500 1:3', '0 404 1:1', '1 404 1:1'],
  showsLost: true,
};
const ROW = '0000000000aa 5 55 4 0';
// The log begins in the middle of a minute.
const MINUTE_MS = Math.floor(FROM_MS / 60_000) * 60_000;

it('rows of minutes and paths are read as counts, without a word that is not known', () => {
  expect(accessOf(ROW, COUNTS)).toMatchObject({
    byMinute: [
      { minuteMs: MINUTE_MS, requests: 4, redirects: 1, clientErrors: 0, serverErrors: 0 },
      { minuteMs: MINUTE_MS + 60_000, requests: 6, redirects: 0, clientErrors: 2, serverErrors: 3 },
    ],
    byPath: [
      { path: '/login', requests: 7, redirects: 1, clientErrors: 1, serverErrors: 3, lost: 1, statuses: { 404: 1, 500: 3 } },
      { path: '/users/*', requests: 1, redirects: 0, clientErrors: 1, serverErrors: 0, lost: 0, statuses: { 404: 1 } },
      { path: 'other', requests: 2, redirects: 0, clientErrors: 0, serverErrors: 0, lost: 0, statuses: {} },
    ],
    errorsByMinutePath: [
      { minuteMs: MINUTE_MS + 60_000, path: '/login', status: 500, count: 3 },
      { minuteMs: MINUTE_MS + 60_000, path: '/login', status: 404, count: 1 },
      { minuteMs: MINUTE_MS + 60_000, path: '/users/*', status: 404, count: 1 },
    ],
  });
});

it('what the log does not show of losses is not zero, and a document before these counts has none', () => {
  const access = accessOf(ROW, { ...COUNTS, showsLost: false });
  expect(access?.byPath?.[0]).toMatchObject({ lost: null });
  expect(Object.keys(accessOf(ROW) ?? {})).not.toContain('byMinute');
});

it.each([
  ['minutes that are not in order', { minutes: ['1 6', '0 4'] }],
  ['a minute after the end of the log', { minutes: ['2 4'] }],
  ['more requests than lines', { minutes: ['0 11'] }],
  ['more errors than requests', { minutes: ['0 4 2 2 1'] }],
  ['paths with more requests than lines', { paths: ['/ 200:11'], errors: [] }],
  ['paths with more losses than lines', { paths: ['/ 0:11,200:1'], errors: [] }],
  ['an error of a path that is not shown', { errors: ['3 500 1:1'] }],
  ['an error after the end of the log', { errors: ['0 500 2:1'] }],
  ['more errors than lines', { errors: ['0 500 1:11'] }],
  ['an error that is none', { errors: ['0 302 1:1'] }],
  ['a path with another character', { paths: ['/<b> 200:1'], errors: [] }],
  ['more paths than there are', { paths: Array.from({ length: 22 }, () => '/ 200:0'), errors: [] }],
  ['more errors than are shown', { errors: Array.from({ length: 201 }, () => '0 500 0:0') }],
])('%s are none that the document prints', (_title, counts) => {
  expect(accessOf(ROW, { ...COUNTS, ...counts })).toBeUndefined();
});
