/** How urgent an incident is, in one line: whether users are affected now, not yet, or until when they were. Pure. */

import { dateTimeWithZone } from '../../shared/times.ts';
import { latestReading } from '../classify/facts/latest-reading.ts';
import { type Evidence, factsOf } from '../contract/evidence.ts';
import type { IncidentRecord } from '../contract/incident.ts';
import { isTroubled } from '../trouble/channels.ts';
import { sentenceOf, shownOf } from '../trouble/sentences.ts';
import { hurtingChannels, type Trouble, troubleOf } from '../trouble/trouble.ts';
import { FULL_PERCENT } from './affected.ts';

export function urgencyOf(incident: IncidentRecord, evidence: Evidence | undefined): string {
  const { finding, runbook, closedAtMs, quietSinceMs } = incident;
  if (finding === undefined) return 'It is not known yet whether users are affected.';
  if (finding.verdict === 'nothing') return 'Nobody is affected, as far as the evidence shows.';
  // Users count as affected while any alarm of the incident is on, even one that only joined it. Only an alarm that opens incidents shows
  // until when they were.
  const alarms = Object.entries(incident.alarms).flatMap(([name, alarm]) => (name === 'person' ? [] : [alarm]));
  const hadAlarm = alarms.some(({ joins }) => joins === undefined);
  const isOn = alarms.some(({ state }) => state === 'ALARM');
  if (closedAtMs !== undefined || (hadAlarm && !isOn && quietSinceMs !== undefined)) return over(incident, hadAlarm);
  const restored = restoredAtMs(incident);
  if (restored !== undefined)
    return `Users were being logged out until ${dateTimeWithZone(restored)}, when stickiness was turned on again; they log in once more.`;
  const trouble = evidence && troubleOf(evidence);
  if (trouble?.kind === 'acute' || trouble?.kind === 'chronic') return ofPeople(trouble, evidence);
  const isRead = trouble === undefined || trouble.kind === 'none';
  if (!isRead && finding.verdict === 'cause' && finding.cause === 'collector-cut-off')
    return 'It is not known whether users are affected: responses and sessions could not all be read.';
  if (finding.verdict === 'cause' && finding.cause === 'collector-cut-off')
    return finding.confidence === 'certain'
      ? 'Nobody is affected: the servers reach the store.'
      : 'Probably nobody is affected: the servers seem to reach the store.';
  if (runbook === 'session-explosion') return ofMemory(evidence, isRead);
  if (trouble?.kind === 'none' && finding.verdict === 'cause' && OF_STORE.some((name) => isTroubled(trouble.channels[name])))
    return 'Users whose requests need a session are probably affected: responses do not show it.';
  if (trouble?.kind === 'none') return ofNobodySeen(trouble, evidence);
  if (finding.verdict === 'unknown') return 'It is not known whether users are affected: responses and sessions could not all be read.';
  return runbook === 'store-failure' ? 'Users whose requests need a session are affected now.' : 'Users are being logged out now.';
}

/** Without these, requests that need a session fail, whatever status says so. */
const OF_STORE = ['nodes', 'reach', 'storeErrors'] as const;

/** What hurts most of them, and since when. */
function ofPeople(trouble: Trouble, evidence: Evidence | undefined): string {
  const [worst] = hurtingChannels(trouble);
  const how = worst === undefined ? '' : `: ${sentenceOf(worst.name, worst.channel, factsOf(evidence, 'servers')?.servers.length ?? 0)}`;
  if (trouble.untilMs !== undefined) return `Users were affected until ${dateTimeWithZone(trouble.untilMs)}${how}.`;
  return trouble.kind === 'chronic' ? `Users are affected all the time${how}.` : `Users are affected now${how}.`;
}

/** Responses and sessions are as usual; what the store shows can still hurt people whom these do not. */
function ofNobodySeen(trouble: Trouble, evidence: Evidence | undefined): string {
  const [first] = shownOf(trouble, factsOf(evidence, 'servers')?.servers.length ?? 0);
  return `Responses and sessions are as usual: no user is seen to be affected${first ? `, although ${first.text}` : ''}.`;
}

/** When the runbook turned stickiness on again, and found it on. */
const restoredAtMs = ({ mitigations }: IncidentRecord): number | undefined =>
  Object.values(mitigations).find((one) => one?.name === 'restore-stickiness' && one.state === 'done')?.actedAtMs;

const over = ({ closedAtMs = 0, quietSinceMs = closedAtMs }: IncidentRecord, hadAlarm: boolean): string =>
  hadAlarm
    ? `If users were affected, it was until ${dateTimeWithZone(quietSinceMs)} at the latest: no alarm of it has been on since.`
    : 'It is not known until when users were affected: no alarm was on, and a person started the runbook.';

/** A store that fills up ends sessions only once it deletes them, and logins once it refuses writes. */
function ofMemory(evidence: Evidence | undefined, isRead: boolean): string {
  const reading = evidence && latestReading(evidence);
  if (reading === undefined) {
    const last = evidence && factsOf(evidence, 'readings')?.reading;
    const when = last ? `was last read at ${dateTimeWithZone(last.takenAtMs)}` : 'was not read';
    return `It is not known whether users are affected: the store ${when}.`;
  }
  const { evictions, memoryPercent, secondsUntilFull } = reading;
  if ((evictions ?? 0) > 0) return 'Users are being logged out now: the store deletes sessions to make room.';
  if (memoryPercent !== null && memoryPercent >= FULL_PERCENT) return 'Users cannot log in now: the store is full and refuses writes.';
  const left = secondsUntilFull === null ? '' : `; at this growth it will be in ${Math.max(1, Math.round(secondsUntilFull / 3_600))} h`;
  const who = isRead ? 'Nobody is affected yet' : 'Responses and sessions could not all be read';
  return `${who}: the store is not full${left}.`;
}
