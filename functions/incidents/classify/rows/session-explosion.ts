/** Sessions explode: what fills the store. */
import { OF_MEMORY } from '../explains.ts';
import { growsWithSessions, memoryGrows, moreRequests, moreSessions, sessionsFill, sessionsGrow } from '../facts/growth.ts';
import { madeBy, madeByMachines, madeByPeople } from '../facts/new-sessions.ts';
import {
  buffersAreLarge,
  dialectOf,
  leftOnPurpose,
  otherKeys,
  sessionsAreFew,
  sessionsAreLarge,
  structuralShare,
  withoutTtlCounted,
  withoutTtlFills,
  withoutTtlIsOld,
} from '../facts/store-content.ts';
import { unansweredSettings } from '../facts/sweeps.ts';
import { grownShapes, unknownIsFew, unknownKeysGrow } from '../facts/unknown-growth.ts';
import { livesAreLong } from '../facts/unused-sessions.ts';
import { allOf, anyOf } from '../judged.ts';
import type { Condition, TableRow } from '../row.ts';

const FEW_SESSIONS: Condition = {
  ruledOut: 'data that is not of sessions',
  asks: "Sessions take a small part of the store's data.",
  judge: sessionsAreFew,
};

const GROWS: Condition = { asks: 'Memory is tight, or grows.', judge: memoryGrows };
const GROWS_WITH_SESSIONS: Condition = {
  asks: 'Memory is tight, or grows. It is likely at the most where many keys are of no session framework.',
  judge: growsWithSessions,
};
const SESSIONS_GROW: Condition = { asks: 'The number of sessions, or the memory, grows.', judge: sessionsGrow };

export const SESSION_EXPLOSION: readonly TableRow[] = [
  {
    cause: 'missing-expiry',
    title: 'Sessions are stored without a TTL',
    sentence: (evidence) =>
      `the store fills because sessions${ofDialect(dialectOf(evidence))} are written without a TTL and never expire${unanswered(unansweredSettings(evidence))}`,
    explains: { channels: OF_MEMORY },
    needs: [
      {
        asks: 'Some of the sampled sessions have no TTL. It is certain if they hold a fifth of the data.',
        judge: withoutTtlFills,
      },
    ],
    refutedBy: [
      {
        ruledOut: 'keys that have no TTL on purpose',
        asks: 'They are meant to have none: sweeps leave them.',
        judge: leftOnPurpose,
      },
      { ruledOut: 'leftovers of another day', asks: 'They are a minority and all older than a day.', judge: withoutTtlIsOld },
      FEW_SESSIONS,
    ],
    supportedBy: [GROWS, { asks: 'The collector counts keys without a TTL.', judge: withoutTtlCounted }],
    about: { dialect: dialectOf },
    mitigations: ['sweep-now'],
  },
  {
    cause: 'large-sessions',
    title: 'Large objects are stored in sessions',
    sentence: 'the store fills because large objects are kept in sessions',
    explains: { channels: OF_MEMORY },
    needs: [
      { asks: 'Sessions of 64 KB or more hold most of the sampled bytes.', judge: sessionsAreLarge },
      // A few large sessions hold most of the bytes of any store that is nearly empty.
      GROWS_WITH_SESSIONS,
    ],
    refutedBy: [FEW_SESSIONS],
  },
  {
    cause: 'session-per-request',
    title: 'Requests that never bring a cookie back (bots, health checks, scripts) create a session each',
    sentence: (evidence) =>
      ({
        machines:
          'the store fills with sessions of bots, health checks or scripts that never send their cookie back: each request creates one',
        replaced: 'the store fills because nearly every request gets another session in place of the one that it names',
        browsers:
          'the store fills with sessions that are hardly ever used again: of newcomers, of machines with names of browsers, or of browsers whose cookie does not come back',
      })[madeBy(evidence)],
    explains: { channels: [...OF_MEMORY, 'vain'] },
    needs: [
      {
        asks: 'Most new sessions are of agents that are no browsers. Where browsers create one with most requests, or next to none of their sessions is used again, it is likely at the most: a rule can drop their cookie, or they are newcomers.',
        judge: madeByMachines,
      },
      SESSIONS_GROW,
    ],
    refutedBy: [FEW_SESSIONS],
    yieldsTo: ['missing-expiry', 'large-sessions'],
  },
  {
    cause: 'long-lives',
    title: 'Sessions live much longer than anybody uses them',
    sentence: (evidence) => `the store fills because sessions stay long after their last use: ${livesAreLong(evidence).text}`,
    explains: { channels: OF_MEMORY },
    needs: [
      {
        asks: 'Sessions live for 30 days or more, and nine in ten have been unused for a week; or they live four times as long as their cookie.',
        judge: livesAreLong,
      },
      SESSIONS_GROW,
    ],
    refutedBy: [FEW_SESSIONS],
    yieldsTo: ['missing-expiry', 'large-sessions'],
  },
  {
    cause: 'structural-growth',
    title: "A framework's own keys grow, such as Spring Session's index of users",
    sentence: "the store fills with a session framework's own keys (such as Spring Session's index of users), which have no TTL by design",
    explains: { channels: OF_MEMORY },
    needs: [{ asks: 'Keys without a TTL by design are a large share of all keys.', judge: structuralShare }, GROWS_WITH_SESSIONS],
    refutedBy: [{ ruledOut: 'more sessions', asks: 'The number of sessions rose: their index grows with them.', judge: moreSessions }],
    yieldsTo: ['missing-expiry', 'large-sessions'],
  },
  {
    cause: 'unknown-keys',
    title: 'Keys without a TTL that no known framework writes become more',
    sentence: (evidence) => {
      const [most] = grownShapes(evidence);
      return `the store fills with keys without a TTL that no known framework writes${most ? ` (+${most.grown} ${most.shape})` : ''}`;
    },
    explains: { channels: OF_MEMORY },
    needs: [
      {
        asks: 'Full sweeps of the last day found 100 or more new keys of one shape that have no TTL and that no known framework writes. It is certain if they are a fifth of all keys.',
        judge: unknownKeysGrow,
      },
    ],
    refutedBy: [{ ruledOut: 'growth that fills no store', asks: 'They are less than one in a hundred of all keys.', judge: unknownIsFew }],
    supportedBy: [GROWS],
  },
  {
    cause: 'not-sessions',
    title: "Something else fills the store: other keys, clients' buffers",
    sentence: 'the store fills with something other than sessions',
    explains: { channels: OF_MEMORY },
    needs: [
      {
        asks: "Sessions take a small part of the store's data, and other keys the rest; or clients' buffers take a large part of its memory.",
        judge: anyOf(allOf(otherKeys, sessionsAreFew), buffersAreLarge),
      },
      GROWS,
    ],
    refutedBy: [
      {
        ruledOut: 'more sessions',
        asks: 'The number of sessions rose, and they take half or more of the memory that came.',
        judge: sessionsFill,
      },
    ],
  },
  {
    cause: 'more-users',
    title: 'There are more users than before',
    sentence: 'the store fills because there are more users than before: sessions and requests rise together',
    explains: { channels: OF_MEMORY },
    needs: [
      { asks: 'Requests rose by half or more.', judge: moreRequests },
      SESSIONS_GROW,
      {
        asks: 'New sessions are of browsers, and few for the requests. It is likely at the most where fewer than half of them are used again.',
        judge: madeByPeople,
      },
    ],
    refutedBy: [FEW_SESSIONS],
    yieldsTo: ['missing-expiry', 'large-sessions', 'session-per-request', 'structural-growth', 'not-sessions'],
  },
];

/** A sweep alone does not help: nearly all sessions of a dialect lack a TTL, which can be meant. */
const unanswered = ([setting]: readonly string[]): string =>
  setting === undefined ? '' : `; sweeps leave them until ${setting} is set to "expire" (or to "report" if that is meant)`;

const ofDialect = (dialect: string | undefined) => (dialect === undefined ? '' : ` (${dialect})`);
