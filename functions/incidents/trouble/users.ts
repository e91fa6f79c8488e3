/** How many people are concerned, at least and at most, as far as channels count people and not requests. Pure. */
import { sumOf } from '../../shared/arithmetic.ts';
import { type Evidence, factsOf } from '../contract/evidence.ts';
import { CHANNELS_OF_PEOPLE, type ChannelName, type Channels, isTroubled } from './channels.ts';
import { knownTraces, serversOf } from './traces.ts';

export interface Users {
  /** Sessions that were seen to be lost: each is a person's. */
  readonly least: number;
  /** Null: more can be concerned than have a session. */
  readonly most: number | null;
}

/** These hurt nobody who has no session. */
const OF_SESSIONS: readonly ChannelName[] = ['lost', 'sessions', 'canary'];

export function usersOf(channels: Channels, evidence: Evidence): Users {
  const { lost, sessions } = channels;
  const least = isTroubled(lost) ? Math.floor(sumOf(lost.cells, ({ excess }) => excess)) : 0;
  const troubled = CHANNELS_OF_PEOPLE.filter((name) => isTroubled(channels[name]));
  if (troubled.length === 0 || troubled.some((name) => !OF_SESSIONS.includes(name))) return { least, most: null };
  const gone = isTroubled(sessions) ? sumOf(sessions.cells, ({ excess }) => excess) : 0;
  const stored = factsOf(evidence, 'readings')?.reading?.activeSessions ?? 0;
  // A store that was emptied has fewer than the logs have seen.
  const known = knownTraces(serversOf(evidence), evidence.fromMs).length;
  return { least, most: stored === 0 ? null : Math.max(least, known, Math.round(stored + gone)) };
}
