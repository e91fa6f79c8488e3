import type { Mitigation } from '../contract/mitigations.ts';
import { createSweepRun, type SweepRunPorts } from './sweep-run.ts';

/** Starts a full sweep by the installation's own policy and limits. */
export const createSweepNow = (ports: SweepRunPorts): Mitigation =>
  createSweepRun(ports, {
    name: 'sweep',
    input: { full: true },
    effect:
      'a full sweep gives every session without a TTL its remaining life, within the configured policy, pace and limit of deletes; it costs some cents',
    did: ({ repaired, deleted, keys }) => `${repaired} keys repaired, ${deleted} deleted, of ${keys}`,
  });
