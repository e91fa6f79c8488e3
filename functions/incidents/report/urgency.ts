/** How urgent an incident is, in one line: whether users are affected now, not yet, or until when they were. Pure. */

import { dateTimeWithZone } from '../../shared/times.ts';
import { latestReading } from '../classify/facts/latest-reading.ts';
import { mostAreUp } from '../classify/facts/servers-up.ts';
import { storeAnswers } from '../classify/facts/store-nodes.ts';
import { factsOf } from '../classify/judged.ts';
import type { Evidence } from '../contract/evidence.ts';
import type { IncidentRecord } from '../contract/incident.ts';
import { FULL_PERCENT } from './affected.ts';

export function urgencyOf(incident: IncidentRecord, evidence: Evidence | undefined): string {
  const { finding, runbook, closedAtMs, quietSinceMs } = incident;
  if (finding === undefined) return 'It is not known yet whether users are affected.';
  if (finding.verdict === 'nothing') return 'Nobody is affected, as far as the evidence shows.';
  if (finding.verdict === 'cause' && finding.cause === 'collector-cut-off')
    return finding.confidence === 'certain'
      ? 'Nobody is affected: the servers reach the store.'
      : 'Probably nobody is affected: the servers seem to reach the store.';
  // Users count as affected while any alarm of the incident is on, even one that only joined it. Only an alarm that opens incidents shows
  // until when they were.
  const alarms = Object.entries(incident.alarms).flatMap(([name, alarm]) => (name === 'person' ? [] : [alarm]));
  const hadAlarm = alarms.some(({ joins }) => joins === undefined);
  const isOn = alarms.some(({ state }) => state === 'ALARM');
  if (closedAtMs !== undefined || (hadAlarm && !isOn && quietSinceMs !== undefined)) return over(incident, hadAlarm);
  if (runbook === 'session-explosion') return ofMemory(evidence);
  if (runbook === 'store-failure') {
    const isBack = evidence && storeAnswers(evidence).truth === true && mostAreUp(factsOf(evidence, 'servers')?.servers ?? []);
    // Where no cause was found, nobody knows whether there was an outage at all, so that the sentence names none.
    if (isBack && finding.verdict === 'unknown') return 'The store answers and most servers work with it: no user is affected by it now.';
    return isBack
      ? 'The store answers again and most servers work with it: users were affected until then.'
      : 'Users whose requests need a session are affected now.';
  }
  const restored = restoredAtMs(incident);
  if (restored !== undefined)
    return `Users were being logged out until ${dateTimeWithZone(restored)}, when stickiness was turned on again; they log in once more.`;
  return finding.verdict === 'unknown' ? 'Users may be getting logged out now; the cause is not known.' : 'Users are being logged out now.';
}

/** When the runbook turned stickiness on again, and found it on. */
const restoredAtMs = ({ mitigations }: IncidentRecord): number | undefined =>
  Object.values(mitigations).find((one) => one?.name === 'restore-stickiness' && one.state === 'done')?.actedAtMs;

const over = ({ closedAtMs = 0, quietSinceMs = closedAtMs }: IncidentRecord, hadAlarm: boolean): string =>
  hadAlarm
    ? `If users were affected, it was until ${dateTimeWithZone(quietSinceMs)} at the latest: no alarm of it has been on since.`
    : 'It is not known until when users were affected: no alarm was on, and a person started the runbook.';

/** A store that fills up ends sessions only once it deletes them, and logins once it refuses writes. */
function ofMemory(evidence: Evidence | undefined): string {
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
  return `Nobody is affected yet: the store is not full${left}.`;
}
