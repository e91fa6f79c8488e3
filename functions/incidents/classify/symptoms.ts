/** What people would notice, by runbook: without any of it nothing is wrong. Pure. */
import type { Runbook } from '../contract/causes.ts';
import type { Evidence, Source } from '../contract/evidence.ts';
import { linesAbout } from './facts/application-logs.ts';
import { canarySessionsVanished } from './facts/canary.ts';
import { sessionsLost } from './facts/lost-sessions.ts';
import { sessionsWithoutTtl } from './facts/store-content.ts';
import { memoryGrows, moreSessions, writesRefused, writesRefusedNow } from './facts/store-memory.ts';
import { failedOver, noPrimary, serverCutOff } from './facts/store-nodes.ts';
import { sessionsDropped, trafficTurnedAway } from './facts/traffic.ts';
import type { Judge } from './judged.ts';

export interface Symptom {
  readonly judge: Judge;
  /** While it is not known, nobody can say that nothing is wrong. */
  readonly decisive: boolean;
  /** The source that alone has it, which not every installation has: without it nothing is missing. */
  readonly onlyOf?: Source;
}

const decisive = (judge: Judge): Symptom => ({ judge, decisive: true });
const further = (judge: Judge): Symptom => ({ judge, decisive: false });

export const SYMPTOMS: Readonly<Record<Runbook, readonly Symptom[]>> = {
  'logged-out': [
    decisive(trafficTurnedAway),
    further(sessionsLost),
    further(sessionsDropped),
    { ...further(canarySessionsVanished), onlyOf: 'canary' },
    further(noPrimary),
  ],
  'store-failure': [
    decisive(noPrimary),
    decisive(failedOver),
    further(writesRefusedNow),
    further(serverCutOff),
    further(writesRefused),
    further((evidence: Evidence) => linesAbout(evidence, 'storeConnection', 'connections to the store')),
    further((evidence: Evidence) => linesAbout(evidence, 'readOnly', 'writes that a node refuses')),
  ],
  'session-explosion': [decisive(memoryGrows), decisive(sessionsWithoutTtl), further(moreSessions)],
};
