/** What runbooks say of situations from a model that knows nothing of their rules. The seeds are fixed; a failure names its own. `npm run test:full` has more of them. */
import { describe, expect, it } from 'vitest';
import { classify } from '../../../../functions/incidents/classify/classify.ts';
import { RUNBOOKS } from '../../../../functions/incidents/contract/causes.ts';
import { FULL } from '../../../e2e/full-run.ts';
import { seeded } from './pieces.ts';
import { degraded, pick, shown } from './world.ts';
import { FAULTS } from './world-faults.ts';

const SITUATIONS = FULL ? 3_000 : 300;
/** The least share of findable situations that are found for certain; it is 40 % of the first thousand, and less of all. */
const LEAST_CERTAIN = FULL ? 0.36 : 0.39;
/** Seeds that each fault is played with. */
const SEEDS = FULL ? 20 : 8;

/** Right, and not certain with every source there: it was not certain before either. */
const NEVER_CERTAIN: readonly string[] = [
  // A failover of a moment ago cannot be excluded by the names of nodes.
  'server-partitioned, store-failure',
  'all servers partitioned, store-failure',
  // The servers' PING is answered: their words alone show it.
  'store-rejects-logins, logged-out',
  'store-read-only, logged-out',
];
/** As old as what was looked at: nothing shows that it began with the trouble. */
const AS_EVER: readonly string[] = [
  'timeout-too-short, logged-out',
  'cookie-does-not-slide, logged-out',
  'secure-cookie-on-http, logged-out',
];
/** Certain before, and wrongly so in other situations. */
const WEAKER: readonly string[] = [
  // A sweep counts sessions, and names none of those that were lost.
  'sweep-shortened, logged-out',
  // A number of refused logins names no user, and words are hints.
  'store-rejects-logins, store-failure',
  // One look alone.
  'collector and one server cut off, store-failure',
  // Anybody can send requests that seem to come from another site.
  'same-site-strict, logged-out',
  // One client can send sessions of its own to another server.
  'session-changes-server, logged-out',
  // A client can begin sessions, and let them end.
  'route-mismatch after servers had ended, logged-out',
  'servers ended, and a client begins sessions and lets them end, logged-out',
  // No server that is left shows that the ids which it turns away were those of one that ended: anybody can invent an id.
  'servers-replaced, logged-out',
];
/** By sessions that servers of the new release lose, which one server alone does not show. */
const NEEDS_FOUR_SERVERS: readonly string[] = ['unreadable-sessions, logged-out', 'deploy-in-progress, half of it, logged-out'];

describe('a situation of the model', () => {
  it('is never called something else for certain, whatever is missing, late or a lie', () => {
    let certain = 0;
    let findable = 0;
    for (let seed = 10_001; seed <= 10_000 + SITUATIONS; seed += 1) {
      const random = seeded(seed);
      const fault = pick(FAULTS, random);
      const { seen, liar } = degraded(shown(fault, random), random);
      findable += Number(Object.values(fault.truth).some((causes) => causes.length > 0));
      for (const runbook of RUNBOOKS) {
        const finding = classify(seen, runbook);
        if (finding.verdict !== 'cause' || finding.confidence !== 'certain') continue;
        // What a server says of itself concerns that server alone.
        if (liar !== undefined && finding.about?.instanceId === liar) continue;
        certain += 1;
        expect([seed, fault.name, runbook, finding.cause, fault.truth[runbook] ?? []]).toEqual([
          seed,
          fault.name,
          runbook,
          finding.cause,
          expect.arrayContaining([finding.cause]),
        ]);
      }
    }
    expect(certain).toBeGreaterThan(findable * LEAST_CERTAIN);
  });

  const expected = FAULTS.flatMap((fault) =>
    RUNBOOKS.filter((runbook) => (fault.truth[runbook] ?? []).length > 0).map((runbook) => ({
      fault,
      runbook,
      name: `${fault.name}, ${runbook}`,
    })),
  );

  it.each(expected)('$name: is certain with every source there, or named above', ({ fault, runbook, name }) => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const whole = shown(fault, seeded(seed));
      const { servers } = whole.sources;
      if (NEEDS_FOUR_SERVERS.includes(name) && servers && 'facts' in servers && servers.facts.servers.length < 4) continue;
      const finding = classify(whole, runbook);
      const isCertain = finding.verdict === 'cause' && finding.confidence === 'certain';
      expect([seed, isCertain]).toEqual([seed, ![...NEVER_CERTAIN, ...AS_EVER, ...WEAKER].includes(name)]);
    }
  });
});
