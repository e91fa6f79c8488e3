import type { Witnessed } from '../../../../functions/incidents/contract/store-facts.ts';
import type { StoreWitnesses, Word } from '../../../../functions/incidents/mitigate/store-witnesses.ts';

export interface SaidBy {
  /** The network of the fleet: in a word, or as it answers. */
  fleet?: Word | Witnessed['state'];
  collector?: Word;
  /** Refused logins in the latest reading. */
  refused?: number;
}

const STATES = { works: 'reached', away: 'unreachable', silent: 'unknown' } as const;

/** Witnesses as `said` has them whenever they are asked. */
export const saidBy = (said: SaidBy, now: () => number = Date.now): StoreWitnesses => ({
  ...{ fleets: ['web'], witnessed: ['web'] },
  askFleet: async (fleet): Promise<Witnessed> => {
    if (said.fleet === undefined) throw new Error('the fleet has none');
    return {
      fleet,
      atMs: now(),
      state: said.fleet in STATES ? STATES[said.fleet as Word] : (said.fleet as Witnessed['state']),
      tookMs: 9,
      signIn: 'iam',
    };
  },
  reading: async () => {
    const takenAtMs = said.collector === 'works' ? now() - 30_000 : now() - 600_000;
    return { reading: { takenAtMs, authenticationFailures: said.refused ?? 0 } } as never;
  },
  unreachable: async () => (said.collector === 'away' ? { sinceMs: now() - 300_000, seenAtMs: now() - 30_000, failed: [] } : undefined),
  now,
});
