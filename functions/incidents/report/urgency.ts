/** How urgent an incident is, in one line: whether users are affected now, not yet, or until when they were. Pure. */

import { spanText } from '../../shared/duration-text.ts';
import { dateTimeWithZone } from '../../shared/times.ts';
import { type Evidence, factsOf } from '../contract/evidence.ts';
import type { IncidentRecord } from '../contract/incident.ts';
import { areMany, type ChannelName, isTroubled } from '../trouble/channels.ts';
import { hasTime, sentenceOf, shownOf } from '../trouble/sentences.ts';
import { latestReading } from '../trouble/store-channels.ts';
import { DECISIVE, hurtingChannels, type Trouble, troubleOf } from '../trouble/trouble.ts';
import type { Users } from '../trouble/users.ts';
import { FULL_PERCENT, type People } from './affected.ts';

export interface Urgency {
  /** As of alarms. `high`: people are hurt now, as far as is known; `low`: nobody is. */
  readonly severity: 'high' | 'medium' | 'low';
  /** A sentence. */
  readonly text: string;
  /** It says since when, or until when. */
  readonly isTimed: boolean;
  /** How many users, where `text` begins with `Users`. */
  readonly users?: Users;
}

const urgency = (severity: Urgency['severity'], text: string, isTimed = false, users?: Users): Urgency => ({
  ...{ severity, text, isTimed },
  ...(users && { users }),
});

/** What the first line says must not be denied below it. */
export function peopleOf({ severity, text }: Urgency): People {
  if (/\buntil (?:when|\d)/.test(text)) return 'before';
  return severity === 'low' ? 'nobody' : 'now';
}

const NOT_ALL_READ = 'It is not known whether users are affected: responses and sessions could not all be read.';

/** No alarm is of it: who asks has a reason. */
export const isAskedByPerson = ({ alarms }: Pick<IncidentRecord, 'alarms'>): boolean =>
  'person' in alarms && Object.keys(alarms).length === 1;

export function urgencyOf(incident: IncidentRecord, evidence: Evidence | undefined): Urgency {
  const { finding, runbook, closedAtMs, quietSinceMs } = incident;
  if (finding === undefined) return urgency('medium', 'It is not known yet whether users are affected.');
  if (finding.verdict === 'nothing' && isAskedByPerson(incident))
    return urgency('low', 'It is not known whether users are affected: what was read shows none, and who asked can have seen more.');
  if (finding.verdict === 'nothing')
    return urgency('low', `Nobody is affected${finding.missing.length === 0 ? '' : ', as far as the evidence shows'}.`);
  // Users count as affected while any alarm of the incident is on, even one that only joined it. Only an alarm that opens incidents shows
  // until when they were.
  const alarms = Object.entries(incident.alarms).flatMap(([name, alarm]) => (name === 'person' ? [] : [alarm]));
  const hadAlarm = alarms.some(({ joins }) => joins === undefined);
  const isOn = alarms.some(({ state }) => state === 'ALARM');
  if (closedAtMs !== undefined || (hadAlarm && !isOn && quietSinceMs !== undefined)) return over(incident, hadAlarm);
  const restored = restoredAtMs(incident);
  if (restored !== undefined)
    return urgency(
      'medium',
      `Users were being logged out until ${dateTimeWithZone(restored)}, when stickiness was turned on again; they log in once more.`,
      true,
    );
  const trouble = evidence && troubleOf(evidence);
  if (evidence && (trouble?.kind === 'acute' || trouble?.kind === 'chronic')) return ofPeople(trouble, evidence);
  const isRead = trouble === undefined || trouble.kind === 'none';
  if (trouble?.kind === 'unknown' && isWellAsRead(trouble) && runbook !== 'session-explosion') return urgency('medium', AS_READ);
  if (finding.verdict === 'cause' && finding.cause === 'collector-cut-off') return ofCollector(isRead, finding.confidence === 'certain');
  if (runbook === 'session-explosion') return ofMemory(evidence, trouble, isRead);
  if (trouble?.kind === 'none' && finding.verdict === 'cause' && lacksStore(trouble))
    return urgency('high', 'Users whose requests need a session are probably affected: responses do not show it.');
  if (evidence && trouble?.kind === 'none') return ofNobodySeen(trouble, evidence);
  if (finding.verdict === 'unknown') return urgency('medium', NOT_ALL_READ);
  return urgency(
    'high',
    runbook === 'store-failure' ? 'Users whose requests need a session are affected now.' : 'Users are being logged out now.',
  );
}

const AS_READ =
  "It is not known whether users are affected: responses and the canary's sessions are as usual, and users' sessions could not all be read.";

/** All responses and the canary were read and are as usual: what the store shows says nothing of people against them. */
const isWellAsRead = ({ channels }: Trouble): boolean =>
  [...DECISIVE, 'canary' as const].every((name) => {
    const channel = channels[name];
    return name === 'lost' ? 'gap' in channel : 'state' in channel && channel.state === 'usual';
  });

/**
 * Without a node, requests that need a session fail, whatever status says so; a PING that fails alone can be the check's own way. Lines about
 * the store are written at each new connection too: where the canary keeps its session, they are not of requests.
 */
const lacksStore = ({ channels: { nodes, storeErrors, canary } }: Trouble): boolean =>
  isTroubled(nodes) || (isTroubled(storeErrors) && !('state' in canary && canary.state === 'usual'));

/** One person makes many of them. */
const OF_REQUESTS: readonly ChannelName[] = ['redirects', 'refusals', 'errors', 'balancerRefusals', 'balancerErrors'];

/** What hurts most of them, and since when. */
function ofPeople(trouble: Trouble, evidence: Evidence): Urgency {
  const [worst] = hurtingChannels(trouble);
  const how = worst === undefined ? '' : `: ${sentenceOf(worst.name, worst.channel, evidence)}`;
  if (worst !== undefined && (worst.channel.isPerhaps || (OF_REQUESTS.includes(worst.name) && !areMany(worst.channel))))
    return urgency('medium', `Perhaps users ${trouble.untilMs === undefined ? 'are' : 'were'} affected${how}.`, true);
  const isTimed = worst !== undefined && hasTime(worst.name, worst.channel, evidence);
  if (trouble.untilMs !== undefined)
    return urgency('medium', `Users were affected until ${dateTimeWithZone(trouble.untilMs)}${how}.`, true, trouble.users);
  return urgency('high', `Users are affected ${trouble.kind === 'chronic' ? 'all the time' : 'now'}${how}.`, isTimed, trouble.users);
}

function ofCollector(isRead: boolean, isCertain: boolean): Urgency {
  if (!isRead) return urgency('medium', NOT_ALL_READ);
  return isCertain
    ? urgency('low', 'Nobody is affected: the servers reach the store.')
    : urgency('low', 'Probably nobody is affected: the servers seem to reach the store.');
}

/** Responses and sessions are as usual; what the store shows can still hurt people whom these do not. */
function ofNobodySeen(trouble: Trouble, evidence: Evidence): Urgency {
  const [first] = shownOf(trouble, evidence);
  return urgency(
    first === undefined ? 'low' : 'medium',
    `Responses and sessions are as usual: no user is seen to be affected${first ? `, although ${first.text}` : ''}.`,
  );
}

/** When the runbook turned stickiness on again, and found it on. */
const restoredAtMs = ({ mitigations }: IncidentRecord): number | undefined =>
  Object.values(mitigations).find((one) => one?.name === 'restore-stickiness' && one.state === 'done')?.actedAtMs;

const over = ({ closedAtMs = 0, quietSinceMs = closedAtMs }: IncidentRecord, hadAlarm: boolean): Urgency =>
  urgency(
    'low',
    hadAlarm
      ? `If users were affected, it was until ${dateTimeWithZone(quietSinceMs)} at the latest: no alarm of it has been on since.`
      : 'It is not known until when users were affected: no alarm was on, and a person started the runbook.',
    true,
  );

/** A store that fills up ends sessions only once it deletes them, and logins once it refuses writes. */
function ofMemory(evidence: Evidence | undefined, trouble: Trouble | undefined, isRead: boolean): Urgency {
  const reading = evidence && latestReading(evidence);
  if (reading === undefined) {
    const last = evidence && factsOf(evidence, 'readings')?.reading;
    const when = last ? `was last read at ${dateTimeWithZone(last.takenAtMs)}` : 'was not read';
    return urgency('medium', `It is not known whether users are affected: the store ${when}.`);
  }
  const { evictions, memoryPercent, secondsUntilFull, refusedWrites } = reading;
  // Keys of others, or sessions of people who have left: who loses one is sent away, and that was read.
  if ((evictions ?? 0) > 0 && trouble?.kind === 'none') return ofNobodySeen(trouble, evidence as Evidence);
  if ((evictions ?? 0) > 0) return urgency('high', 'Users are being logged out now: the store deletes sessions to make room.');
  if (memoryPercent !== null && memoryPercent >= FULL_PERCENT && refusedWrites !== 0)
    return urgency('high', 'Users cannot log in now: the store is full and refuses writes.');
  const left = secondsUntilFull === null ? '' : `; at this growth it will be in ${spanText(secondsUntilFull)}`;
  const who = isRead ? 'Nobody is affected yet' : 'Responses and sessions could not all be read';
  const state = (memoryPercent ?? 0) >= FULL_PERCENT ? 'the store is full, and has refused no write yet' : `the store is not full${left}`;
  return urgency('medium', `${who}: ${state}.`);
}
