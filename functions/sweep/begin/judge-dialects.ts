/** Dialects that a sweep asks about before it repairs them: an application can have turned their TTL off on purpose. Pure. */
import type { DialectCount, TtlBaseline } from '../../records/ttl-baseline.ts';
import type { SweepSettings } from '../contract/settings.ts';
import type { Consent } from '../contract/steps.ts';
import { countOf } from '../report/count-sessions.ts';
import type { UnitSample } from './sample-store.ts';

/** connect-redis with `disableTTL` writes no TTL at all; where fewer lack one, something has forgotten it. */
export const NEARLY_ALL_PERCENT = 90;
/** Of fewer sessions no share is known. */
export const FEWEST_SESSIONS = 100;
/** So many of a sample show a share of 90 %, give or take seven. */
const FEWEST_SEEN = 20;
/** After this time since the first full sweep, what the last one counted shows that a dialect's sessions have a TTL as a rule. */
const KNOWN_AFTER_MS = 24 * 3_600_000;

export interface DialectsQuestion extends Pick<SweepSettings, 'policies' | 'dialects'> {
  /** Undefined: the store failed meanwhile. */
  readonly samples: readonly Pick<UnitSample, 'tally' | 'keys' | 'isComplete'>[] | undefined;
  /** What the last full sweep recorded. */
  readonly baseline: TtlBaseline | undefined;
  readonly nowMs: number;
}

const isNearlyAll = ({ sessions, withoutTtl }: DialectCount): boolean =>
  withoutTtl >= FEWEST_SESSIONS && withoutTtl * 100 >= sessions * NEARLY_ALL_PERCENT;

/** A setting for the dialect itself is the answer, and so is a dialect of the configuration's own. */
export function judgeDialects({ samples, policies, dialects, baseline, nowMs }: DialectsQuestion): Consent {
  const answered = new Set([...Object.keys(policies), ...dialects.map(({ name }) => name)]);
  const before = baseline?.byDialect ?? {};
  const isKnown = baseline?.firstAtMs !== undefined && nowMs - baseline.firstAtMs >= KNOWN_AFTER_MS;
  const hasTtls = ({ sessions, withoutTtl }: DialectCount) => isKnown && sessions >= FEWEST_SEEN && withoutTtl * 2 < sessions;
  const isComplete = samples?.every((one) => one.isComplete) ?? false;
  const seen = countsIn(samples ?? []);
  const judged = new Set([...answered, ...Object.keys(before)]);
  const asked: string[] = [];
  for (const name of new Set([...Object.keys(seen), ...Object.keys(before)])) {
    const found = seen[name];
    const isEnough = found !== undefined && (isComplete || found.seen >= FEWEST_SEEN);
    if (isEnough) judged.add(name);
    const count = isEnough ? found : before[name];
    if (count && !answered.has(name) && isNearlyAll(count) && !hasTtls(before[name] ?? NONE)) asked.push(name);
  }
  return { asked, ...(!isComplete && { judged: [...judged] }) };
}

const NONE: DialectCount = { sessions: 0, withoutTtl: 0 };

/** Estimates for the whole store, with how many sessions they come from. */
function countsIn(samples: NonNullable<DialectsQuestion['samples']>): Record<string, DialectCount & { readonly seen: number }> {
  const counts: Record<string, DialectCount & { readonly seen: number }> = {};
  for (const { tally, keys, isComplete } of samples) {
    const scale = isComplete || tally.keys === 0 ? 1 : Math.max(1, keys / tally.keys);
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
