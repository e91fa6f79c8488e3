/**
 * What one server says alone makes nothing certain about a fleet of several: somebody may have taken it over, or it may be wrong. What
 * it says of itself can be certain of itself. Pure.
 */
import type { Evidence, Source } from '../contract/evidence.ts';
import { type Judge, type Judged, shaky } from './judged.ts';
import type { Condition } from './row.ts';

const OF_AWS: readonly Source[] = ['balancer', 'traffic', 'storeGroup', 'scaling', 'changes'];

/**
 * Sources of one kind can be wrong together, as all of AWS's own. The store's content is read by different functions at different times:
 * for an incident, each minute, and by sweeps.
 */
export const kindOf = (source: Source): Source | 'aws' => (OF_AWS.includes(source) ? 'aws' : source);

/** A row asks for them in each of its conditions. */
const WITHOUT_ONE = new WeakMap<Evidence, readonly Evidence[]>();

/** A condition's judgement, firm only if it would be the same, and firm, without the words of any one server. */
export function judgeCondition({ judge, byOneServer }: Condition, evidence: Evidence): Judged {
  const judged = judge(evidence);
  return byOneServer || judged.truth === null || !judged.firm || isSameWithoutOne(judge, judged, evidence) ? judged : shaky(judged);
}

const isSameWithoutOne = (judge: Judge, { truth }: Judged, evidence: Evidence): boolean =>
  withoutOne(evidence).every((less) => {
    const other = judge(less);
    return other.truth === truth && other.firm;
  });

/** The evidence as the others give it, for each server; none where there is one server alone. */
function withoutOne(evidence: Evidence): readonly Evidence[] {
  const known = WITHOUT_ONE.get(evidence);
  if (known) return known;
  const collected = evidence.sources.servers;
  const servers = collected && 'facts' in collected ? collected.facts.servers : [];
  const each =
    servers.length > 1
      ? servers.map((_, index) => {
          const others = { ...collected, facts: { servers: servers.filter((_server, at) => at !== index) } };
          return { ...evidence, sources: { ...evidence.sources, servers: others } } as Evidence;
        })
      : [];
  WITHOUT_ONE.set(evidence, each);
  return each;
}
