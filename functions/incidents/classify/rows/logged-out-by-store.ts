/** Users are logged out, by what happens to their sessions in the store. */
import { CAUSES } from '../../contract/causes.ts';
import { deployAtSign } from '../../trouble/deploy-at-sign.ts';
import { withOwnLines } from '../../trouble/own-lines.ts';
import { isStoreTroubleOver } from '../../trouble/store-away.ts';
import { emptiedText, fallsOf } from '../../trouble/store-falls.ts';
import { AND_ERRORS, OF_MEMORY, OF_STORE, OF_SWEEP, ofEvictions, ofFall, ofRefusedWrites, ofStoreErrors, SESSIONS } from '../explains.ts';
import { errorsBeganLater } from '../facts/application-logs.ts';
import { sessionsInMemory } from '../facts/balancer.ts';
import { deployBeforeErrors, linesAreTheErrors, sessionsUnreadable } from '../facts/deploys.ts';
import { inTrouble, sessionsLost, someInTrouble, usersTurnedAway } from '../facts/in-trouble.ts';
import { evictsCaches } from '../facts/store-content.ts';
import { evictsKeys, evictsSessions, isAtLimit, isEmptied, policyKeepsSessions, writesRefused } from '../facts/store-memory.ts';
import { primaryStartedAnew } from '../facts/store-nodes.ts';
import { storeTrouble } from '../facts/store-reach.ts';
import { shorteningSweep, sweepShortened } from '../facts/sweeps.ts';
import { allOf, anyOf, neverSure, not } from '../judged.ts';
import type { Condition, TableRow } from '../row.ts';

export const IN_STORE: Condition = { asks: 'Sessions are in the store.', judge: not(sessionsInMemory) };

const SHORTENED: Condition = {
  ruledOut: 'a sweep that shortened lives',
  asks: 'A sweep set lives below what the application declares, before the first sign.',
  judge: sweepShortened,
};

export const LOGGED_OUT_BY_STORE: readonly TableRow[] = [
  {
    cause: 'store-full',
    // The alarm on refused writes starts it.
    alsoFor: 'store-failure',
    title: 'The store is full and refuses writes: nobody can log in, and no session is renewed',
    sentence: 'users are logged out because the store is full and refuses to write their sessions',
    explains: { channels: [...AND_ERRORS, ...OF_MEMORY], time: ofRefusedWrites },
    needs: [
      IN_STORE,
      {
        asks: 'A primary has no room left, and deletes nothing: its eviction policy is noeviction, or no key has the TTL that its policy asks for.',
        judge: isAtLimit,
      },
      {
        asks: "It has refused writes. It is certain if the count rises, or the servers' logs have its errors too.",
        judge: writesRefused,
      },
    ],
    refutedBy: [{ ruledOut: 'evictions that make room', asks: 'It deletes keys to make room.', judge: evictsKeys }],
    behind: CAUSES['session-explosion'],
    mitigations: ['sweep-now'],
  },
  {
    cause: 'store-connection-failures',
    title: 'Servers cannot read or write sessions in the store',
    sentence: (evidence) =>
      isStoreTroubleOver(evidence)
        ? 'users were logged out because servers could not read or write their sessions in the store'
        : 'users are logged out because servers cannot read or write their sessions in the store',
    explains: { channels: [...AND_ERRORS, ...OF_STORE], time: ofStoreErrors, covers: withOwnLines('storeErrors') },
    needs: [
      IN_STORE,
      {
        asks: 'No primary answers and the servers do not reach the store either, most servers cannot reach it, or their logs have errors of connections or refused writes.',
        judge: storeTrouble,
      },
    ],
    refutedBy: [{ asks: 'The errors began well after users were logged out.', judge: errorsBeganLater }],
    behind: ['store-not-redundant', 'store-down', 'store-failing-over', 'store-rejects-logins', 'server-partitioned', 'store-read-only'],
    mitigations: ['re-login-page'],
  },
  {
    cause: 'store-emptied',
    // After a failover that ended well, the alarm on the store shows it.
    alsoFor: 'store-failure',
    title: 'The store was emptied: a FLUSHALL, an application that logs all users out, or a node that came back without its data',
    sentence: (evidence) => {
      const anew = primaryStartedAnew(evidence)?.name;
      const restarted = `the store was emptied: ${anew} restarted, and came back without its data`;
      return `users are logged out because ${anew === undefined ? emptiedText(fallsOf(evidence)) : restarted}`;
    },
    explains: { channels: SESSIONS, time: ofFall },
    needs: [
      IN_STORE,
      {
        asks: 'From one reading to the next most sessions are gone, and their keys with them; or, of those a quarter of an hour before, one in twenty is left at the most. It is likely at the most where four in ten go within five minutes, without evictions and without a failover.',
        judge: isEmptied,
      },
      {
        asks: 'Users lost their session; where no log shows it, they are sent away; where a log shows no loss, since the login comes with 200, they are and the canary lost its own.',
        judge: anyOf(usersTurnedAway, neverSure(allOf(inTrouble('canary'), someInTrouble(['redirects', 'refusals'])))),
      },
    ],
    refutedBy: [{ ruledOut: 'evictions', asks: 'The store deletes keys to make room.', judge: evictsKeys }, SHORTENED],
    yieldsTo: ['store-connection-failures'],
    behind: ['store-failing-over'],
  },
  {
    cause: 'evictions',
    title: 'The store is full and deletes sessions that are still in use',
    sentence: 'users are logged out because the store is full and deletes sessions that are still in use',
    explains: { channels: [...SESSIONS, ...OF_MEMORY], time: ofEvictions },
    needs: [
      IN_STORE,
      {
        asks: 'The store deletes keys to make room. It is certain from ten in a minute on, if most keys that it may delete are sessions.',
        judge: evictsSessions,
      },
    ],
    refutedBy: [
      {
        ruledOut: 'a policy that evicts nothing',
        asks: 'Its eviction policy is noeviction: it refuses writes, and deletes nothing.',
        judge: policyKeepsSessions,
      },
      {
        ruledOut: "a cache's keys that go",
        asks: "It may delete any key, sessions take a small part of its data, and nobody loses one: then it is a cache's keys that go.",
        judge: evictsCaches,
      },
    ],
    yieldsTo: ['store-connection-failures'],
    behind: CAUSES['session-explosion'],
    mitigations: ['sweep-now'],
  },
  {
    cause: 'unreadable-sessions',
    title:
      "Two releases cannot read each other's sessions (serialization errors after a deploy), or another application writes what this one cannot read",
    sentence: (evidence) =>
      `users are hurt because sessions cannot be read: ${deployBeforeErrors(evidence).truth === true ? 'the new release and the one before do not read what the other has written' : 'something else than a deploy on record writes them, as another fleet or application with this store, or reads them with another key'}`,
    explains: { channels: [...AND_ERRORS, 'sessionErrors'], covers: withOwnLines('sessionErrors') },
    needs: [
      {
        asks: "The servers' logs have errors of sessions that cannot be read or decrypted. They are a hint, unless they name sessions, and sessions are lost on servers with the new release alone.",
        judge: sessionsUnreadable,
      },
      {
        asks: 'A deploy began before the errors did. Without one it is likely at the most, where the lines began when users began to get errors, and are as many.',
        judge: anyOf(deployBeforeErrors, linesAreTheErrors),
      },
    ],
    yieldsTo: ['store-connection-failures'],
    about: { deployId: (evidence) => deployAtSign(evidence)?.deployId },
    mitigations: ['stop-deploy'],
  },
  {
    cause: 'sweep-shortened',
    title: 'A sweep gave sessions a shorter life than the application does',
    sentence: (evidence) =>
      `users are logged out because the sweep ${shorteningSweep(evidence)?.sweepId ?? ''} shortened the life of their sessions`,
    explains: OF_SWEEP,
    needs: [IN_STORE, SHORTENED, { asks: 'Users lost their session.', judge: sessionsLost }],
    yieldsTo: ['store-connection-failures', 'evictions', 'unreadable-sessions'],
    about: { sweepId: (evidence) => shorteningSweep(evidence)?.sweepId },
    // No mitigation: the sweep assumed a life for sessions that state none, and what they had before is on record nowhere.
  },
];
