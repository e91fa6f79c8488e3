import { PREDICATES } from '../predicates/predicate.ts';
import type { SeedResult } from './seed-result.ts';

/** One run, moment by moment, for a person. */
export function printSeed({ seed, kind, plan, timeline = [], violations, hash, endings, virtualSeconds }: SeedResult): string {
  const broken = violations.map(({ predicate, atMs, text }) => ({
    atMs,
    kind: 'BROKEN',
    text: `${predicate} (${PREDICATES[predicate]}): ${text}`,
  }));
  const all = [...timeline, ...broken].sort((a, b) => a.atMs - b.atMs);
  return [
    `seed ${seed}: ${kind}`,
    ...plan.map((line) => `  ${line}`),
    '',
    ...all.map(({ atMs, kind: what, text }) => `${(atMs / 1000).toFixed(3).padStart(10)}  ${what.padEnd(9)} ${text}`),
    '',
    `${endings.join('; ') || 'no deploy ended'} · ${Math.round(virtualSeconds)} s of virtual time · ${violations.length} violations · hash ${hash}`,
  ].join('\n');
}
