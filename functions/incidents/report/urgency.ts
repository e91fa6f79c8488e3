/** The trouble of the page: who is hurt, how, since when and how many; and how urgent that is. Pure. */
import { capital, clockText, dateTimeText, dateTimeWithZone } from '../../shared/texts.ts';
import type { Evidence } from '../contract/evidence.ts';
import type { IncidentRecord } from '../contract/incident.ts';
import { areMany, type ChannelName, isTroubled } from '../trouble/channels.ts';
import { hasTime, sentenceOf, shownOf } from '../trouble/sentences.ts';
import { DECISIVE, hurtingChannels, type Trouble, troubleOf, type Users } from '../trouble/trouble.ts';
import { plain } from './plain.ts';

export interface Urgency {
  /** As of alarms. `high`: people are hurt now, as far as is known; `low`: nobody is. */
  readonly severity: 'high' | 'medium' | 'low';
  readonly text: string;
  readonly isTimed: boolean;
  /** How many users, where `text` begins with `Users`. */
  readonly users?: Users;
}

const urgency = (severity: Urgency['severity'], text: string, isTimed = false, users?: Users): Urgency => ({
  ...{ severity, text, isTimed },
  ...(users && { users }),
});

export function peopleOf({ severity, text }: Urgency): 'now' | 'before' | 'nobody' {
  if (/\buntil (?:when|\d)/.test(text)) return 'before';
  return severity === 'low' ? 'nobody' : 'now';
}

const NOT_ALL_READ = 'It is not known whether users are affected: responses and sessions could not all be read.';
const AS_READ =
  "It is not known whether users are affected: responses and the canary's sessions are as usual, and users' sessions could not all be read.";

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
  if (trouble?.kind === 'unknown' && isWellAsRead(trouble) && runbook !== 'session-explosion') return urgency('medium', AS_READ);
  if (trouble?.kind === 'none' && finding.verdict === 'cause' && lacksStore(trouble))
    return urgency('high', 'Users whose requests need a session are probably affected: responses do not show it.');
  if (evidence && trouble?.kind === 'none') return ofNobodySeen(trouble, evidence);
  if (finding.verdict === 'unknown' || runbook === 'session-explosion') return urgency('medium', NOT_ALL_READ);
  return urgency(
    'high',
    runbook === 'store-failure' ? 'Users whose requests need a session are affected now.' : 'Users are being logged out now.',
  );
}

/** All responses and the canary were read and are as usual: what the store shows says nothing of people against them. */
const isWellAsRead = ({ channels }: Trouble): boolean =>
  [...DECISIVE, 'canary' as const].every((name) => {
    const channel = channels[name];
    return name === 'lost' ? 'gap' in channel : 'state' in channel && channel.state === 'usual';
  });

/** A PING that fails alone can be the check's own way; lines come at each new connection, also while the canary keeps its session. */
const lacksStore = ({ channels: { nodes, storeErrors, canary } }: Trouble): boolean =>
  isTroubled(nodes) || (isTroubled(storeErrors) && !('state' in canary && canary.state === 'usual'));

/** One person makes many of them. */
const OF_REQUESTS: readonly ChannelName[] = ['redirects', 'refusals', 'errors', 'balancerRefusals', 'balancerErrors'];

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

/** What the head says of people whom neither responses nor sessions show to be hurt. */
export const NOBODY_SEEN = 'no user is seen to be affected';

/** Responses and sessions are as usual; what the store shows can still hurt people whom these do not. */
function ofNobodySeen(trouble: Trouble, evidence: Evidence): Urgency {
  const [first] = shownOf(trouble, evidence);
  return urgency(
    first === undefined ? 'low' : 'medium',
    `Responses and sessions are as usual: ${NOBODY_SEEN}${first ? `, although ${first.text}` : ''}.`,
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

export const firstSign = ({ signs, openedAtMs }: Pick<IncidentRecord, 'signs' | 'openedAtMs'>, evidence: Evidence | undefined): number =>
  evidence?.firstSignMs ?? Math.min(openedAtMs, ...signs.filter(({ state }) => state === 'ALARM').map(({ atMs }) => atMs));

export function headlineOf(
  incident: IncidentRecord,
  evidence: Evidence | undefined,
  { text, isTimed, users }: Urgency = urgencyOf(incident, evidence),
): string {
  const { fleet, finding } = incident;
  const of = fleet === undefined ? '' : ` of fleet ${plain(fleet)}`;
  const who = text.replace(/^Users\b/, `${usersText(users)}${of}`).replace(/^Nobody\b/, of === '' ? 'Nobody' : `No user${of}`);
  if (isTimed) return who;
  const sinceMs = finding?.verdict === 'cause' ? finding.sinceMs : firstSign(incident, evidence);
  const read = finding?.verdict === 'nothing' && evidence;
  const when = read ? `read from ${clockText(read.fromMs)} until ${clockText(read.toMs)}` : `first seen at ${dateTimeText(sinceMs)}`;
  return `${who.replace(/\.$/, '')}; ${when} UTC.`;
}

/** `At least 120 users`; of one or none it says nothing. */
function usersText({ least, most }: Users = { least: 0, most: null }): string {
  const count = (number: number) => number.toLocaleString('en');
  const parts = [...(least > 1 ? [`at least ${count(least)}`] : []), ...(most !== null && most > 1 ? [`at most ${count(most)}`] : [])];
  return parts.length === 0 ? 'Users' : `${capital(parts.join(' and '))} users`;
}
