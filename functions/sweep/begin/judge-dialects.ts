/** Dialects that a sweep asks about before it repairs them: an application can have turned their TTL off on purpose. Pure. */
import type { DialectCount, TtlBaseline } from '../../records/ttl-baseline.ts';
import type { SweepSettings } from '../contract/settings.ts';
import type { Consent } from '../contract/steps.ts';
import { countOf, FEWEST_SESSIONS, isNearlyAll } from '../report/merge-tallies.ts';
import type { UnitSample } from './sample-store.ts';

/** Of fewer in a sample nothing is known. */
const FEWEST_SEEN = 20;
/** After this time since the first full sweep, what the last one counted shows that a dialect's sessions have a TTL as a rule. */
const KNOWN_AFTER_MS = 24 * 3_600_000;

export interface DialectsQuestion extends Pick<SweepSettings, 'policies' | 'dialects'> {
  /** The installation's own, which a sweep's input can replace. */
  readonly installation: SweepSettings['policies'];
  /** Undefined: the store failed meanwhile. */
  readonly samples: readonly Pick<UnitSample, 'tally' | 'keys' | 'isComplete' | 'isMixed'>[] | undefined;
  /** What the last full sweep recorded. */
  readonly baseline: TtlBaseline | undefined;
  readonly nowMs: number;
}

/**
 * A setting for the dialect itself is the answer, and so is a dialect of the configuration's own. Without one a question stays open until a
 * full sweep finds none of its sessions without a TTL, however few a single sweep has left.
 */
export function judgeDialects({ samples, policies, installation, dialects, baseline, nowMs }: DialectsQuestion): Consent {
  const meant = Object.keys(installation).filter((name) => installation[name] !== 'report');
  const answered = new Set([...Object.keys(policies), ...meant, ...dialects.map(({ name }) => name)]);
  const before = baseline?.byDialect ?? {};
  const isKnown = baseline?.firstAtMs !== undefined && nowMs - baseline.firstAtMs >= KNOWN_AFTER_MS;
  const hasTtls = ({ sessions, withoutTtl }: DialectCount) => isKnown && sessions >= FEWEST_SEEN && withoutTtl * 2 < sessions;
  const isComplete = samples?.every((one) => one.isComplete) ?? false;
  // In cluster mode a part of the store can be one application's.
  const isMixed = samples?.every((one) => one.isMixed) ?? false;
  const seen = countsIn(samples ?? []);
  const judged = new Set([...answered, ...Object.keys(before)]);
  const asked: string[] = [];
  for (const name of new Set([...Object.keys(seen), ...Object.keys(before)])) {
    const found = seen[name];
    const last = before[name];
    const isEnough = found !== undefined && (isComplete || (isMixed && found.seen >= FEWEST_SEEN));
    if (isEnough) judged.add(name);
    const isFound = isEnough && isNearlyAll(name, found, isComplete ? undefined : found.seen) && !hasTtls(last ?? NONE);
    if (!answered.has(name) && (isFound || (last && (last.asked || isNearlyAll(name, last))))) asked.push(name);
  }
  return { asked, ...(!isComplete && { judged: [...judged] }) };
}

const NONE: DialectCount = { sessions: 0, withoutTtl: 0 };
/** Where the store does not say how many keys it has, a sample can stand for any number of them. */
const UNKNOWN_SCALE = FEWEST_SESSIONS;

/** Estimates for the whole store, with how many sessions they come from. */
function countsIn(samples: NonNullable<DialectsQuestion['samples']>): Record<string, DialectCount & { readonly seen: number }> {
  const counts: Record<string, DialectCount & { readonly seen: number }> = {};
  for (const { tally, keys, isComplete } of samples) {
    const scale = isComplete ? 1 : keys > tally.keys ? keys / Math.max(1, tally.keys) : UNKNOWN_SCALE;
    for (const [name, dialect] of Object.entries(tally.byDialect)) {
      const { sessions, withoutTtl } = countOf(dialect);
      const sum = counts[name] ?? { ...NONE, seen: 0 };
      counts[name] = {
        seen: sum.seen + sessions,
        sessions: sum.sessions + sessions * scale,
        withoutTtl: sum.withoutTtl + withoutTtl * scale,
      };
    }
  }
  return counts;
}
