/** Sessions explode: what fills the store. */
import { OF_MEMORY } from '../explains.ts';
import { growsWithSessions, sessionsGrow } from '../facts/growth.ts';
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
import { memoryGrows, moreSessions } from '../facts/store-memory.ts';
import { unansweredSettings } from '../facts/sweeps.ts';
import { moreRequests } from '../facts/traffic.ts';
import { grownShapes, unknownIsFew, unknownKeysGrow } from '../facts/unknown-growth.ts';
import { livesAreLong } from '../facts/unused-sessions.ts';
import { anyOf } from '../judged.ts';
import type { Condition, Row } from '../row.ts';

const FEW_SESSIONS: Condition = {
  ruledOut: 'data that is not of sessions',
  asks: "Sessions take a small part of the store's data.",
  judge: sessionsAreFew,
};

export const SESSION_EXPLOSION: readonly Row[] = [
  {
    cause: 'missing-expiry',
    runbook: 'session-explosion',
    title: 'Sessions are stored without a TTL',
    sentence: (evidence) =>
      `the store fills because sessions${ofDialect(dialectOf(evidence))} are written without a TTL and never expire${unanswered(unansweredSettings(evidence))}`,
    explains: { channels: OF_MEMORY },
    needs: [
      {
        asks: "A share of the sampled sessions has no TTL. It is certain if they hold a fifth of the store's data.",
        judge: withoutTtlFills,
      },
    ],
    refutedBy: [
      {
        ruledOut: 'keys that have no TTL on purpose',
        asks: 'They are meant to have none: sweeps leave them on purpose.',
        judge: leftOnPurpose,
      },
      { ruledOut: 'leftovers of another day', asks: 'They are a minority and all older than a day.', judge: withoutTtlIsOld },
      FEW_SESSIONS,
    ],
    supportedBy: [
      { asks: 'Memory is tight, or grows.', judge: memoryGrows },
      { asks: 'The collector counts keys without a TTL.', judge: withoutTtlCounted },
    ],
    yieldsTo: [],
    about: (evidence) => {
      const dialect = dialectOf(evidence);
      return dialect === undefined ? undefined : { dialect };
    },
    mitigations: ['sweep-now', 'volatile-eviction'],
  },
  {
    cause: 'large-sessions',
    runbook: 'session-explosion',
    title: 'Large objects are stored in sessions',
    sentence: () => 'the store fills because large objects are kept in sessions',
    explains: { channels: OF_MEMORY },
    needs: [
      { asks: 'Sessions of 64 KB or more hold most of the sampled bytes.', judge: sessionsAreLarge },
      // A few large sessions hold most of the bytes of any store that is nearly empty.
      {
        asks: 'Memory is tight, or grows. It is likely at the most where many keys are of no session framework.',
        judge: growsWithSessions,
      },
    ],
    refutedBy: [FEW_SESSIONS],
    yieldsTo: [],
    mitigations: ['scale-store', 'volatile-eviction'],
  },
  {
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
    explains: { channels: [...OF_MEMORY, 'vain'] },
    needs: [
      {
        asks: 'Most new sessions are of agents that are no browsers. Where browsers create one with most requests, it is likely at the most: a rule can drop their cookie, or they are newcomers.',
        judge: madeByMachines,
      },
      { asks: 'The number of sessions, or the memory, grows.', judge: sessionsGrow },
    ],
    refutedBy: [FEW_SESSIONS],
    yieldsTo: ['missing-expiry', 'large-sessions'],
    mitigations: ['shorten-anonymous', 'scale-store'],
  },
  {
    cause: 'long-lives',
    runbook: 'session-explosion',
    title: 'Sessions live much longer than anybody uses them',
    sentence: (evidence) => `the store fills because sessions stay long after their last use: ${livesAreLong(evidence).text}`,
    explains: { channels: OF_MEMORY },
    needs: [
      {
        asks: 'Sessions live for 30 days or more, and nine in ten have been unused for a week; or they live four times as long as their cookie.',
        judge: livesAreLong,
      },
      { asks: 'The number of sessions, or the memory, grows.', judge: sessionsGrow },
    ],
    refutedBy: [FEW_SESSIONS],
    yieldsTo: ['missing-expiry', 'large-sessions'],
    mitigations: ['scale-store'],
  },
  {
    cause: 'structural-growth',
    runbook: 'session-explosion',
    title: "A framework's own keys grow, such as Spring Session's index of users",
    sentence: () =>
      "the store fills with a session framework's own keys (such as Spring Session's index of users), which have no TTL by design",
    explains: { channels: OF_MEMORY },
    needs: [
      { asks: 'Keys without a TTL by design are a large share of all keys.', judge: structuralShare },
      {
        asks: 'Memory is tight, or grows. It is likely at the most where many keys are of no session framework.',
        judge: growsWithSessions,
      },
    ],
    refutedBy: [{ ruledOut: 'more sessions', asks: 'The number of sessions rose: their index grows with them.', judge: moreSessions }],
    yieldsTo: ['missing-expiry', 'large-sessions'],
    // A sweep leaves structural keys alone unless it reconciles: that is a step for a person.
    mitigations: ['scale-store'],
  },
  {
    cause: 'unknown-keys',
    runbook: 'session-explosion',
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
    supportedBy: [{ asks: 'Memory is tight, or grows.', judge: memoryGrows }],
    yieldsTo: [],
    mitigations: ['scale-store'],
  },
  {
    cause: 'not-sessions',
    runbook: 'session-explosion',
    title: "Something else fills the store: other keys, clients' buffers",
    sentence: () => 'the store fills with something other than sessions',
    explains: { channels: OF_MEMORY },
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
    yieldsTo: [],
    mitigations: ['scale-store'],
  },
  {
    cause: 'more-users',
    runbook: 'session-explosion',
    title: 'There are more users than before',
    sentence: () => 'the store fills because there are more users than before: sessions and requests rise together',
    explains: { channels: OF_MEMORY },
    needs: [
      { asks: 'Requests rose by half or more.', judge: moreRequests },
      { asks: 'The number of sessions, or the memory, grows.', judge: sessionsGrow },
      { asks: 'New sessions are of browsers, and few for the requests.', judge: madeByPeople },
    ],
    refutedBy: [FEW_SESSIONS],
    yieldsTo: ['missing-expiry', 'large-sessions', 'session-per-request', 'structural-growth', 'not-sessions'],
    mitigations: ['scale-store'],
  },
];

/** A sweep alone does not help: nearly all sessions of a dialect lack a TTL, which can be meant. */
const unanswered = ([setting]: readonly string[]): string =>
  setting === undefined ? '' : `; sweeps leave them until ${setting} is set to "expire" (or to "report" if that is meant)`;

const ofDialect = (dialect: string | undefined) => (dialect === undefined ? '' : ` (${dialect})`);
