/** What people would notice, by runbook: without any of it nothing is wrong. Pure. */
import type { Runbook } from '../contract/causes.ts';
import type { Source } from '../contract/evidence.ts';
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
  /** The source that alone has it, which not every installation has: without it nothing is missing. */
  readonly onlyOf?: Source;
}

export const SYMPTOMS: Readonly<Record<Runbook, readonly Symptom[]>> = {
  'logged-out': [
    { judge: trafficTurnedAway },
    { judge: sessionsLost },
    { judge: sessionsDropped },
    { judge: canarySessionsVanished, onlyOf: 'canary' },
    { judge: noPrimary },
  ],
  'store-failure': [
    { judge: noPrimary },
    { judge: failedOver },
    { judge: writesRefusedNow },
    { judge: serverCutOff },
    { judge: writesRefused },
    { judge: (evidence) => linesAbout(evidence, 'storeConnection', 'connections to the store') },
    { judge: (evidence) => linesAbout(evidence, 'readOnly', 'writes that a node refuses') },
  ],
  'session-explosion': [{ judge: memoryGrows }, { judge: sessionsWithoutTtl }, { judge: moreSessions }],
};
