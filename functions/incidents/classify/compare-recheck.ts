import type { Finding } from '../contract/causes.ts';
import type { Evidence } from '../contract/evidence.ts';
import { judgeRow } from './judge-row.ts';
import { rowOf } from './table.ts';

/**
 * Whether a re-check shows something else than what is known. Evidence that is missing takes no finding back: a cause stays until the
 * evidence is firmly against it, or shows a cause that explains the same better. Pure.
 */
export function isChanged(known: Finding | undefined, seen: Finding, evidence: Evidence): boolean {
  if (seen.verdict === 'unknown') return false;
  if (known === undefined || known.verdict === 'unknown') return true;
  if (known.verdict === 'nothing') return seen.verdict === 'cause';
  if (seen.verdict === 'cause' && seen.cause === known.cause) return false;
  const row = rowOf(known.cause);
  if (row === undefined) return true;
  return (seen.verdict === 'cause' && row.yieldsTo.includes(seen.cause)) || judgeRow(row, evidence).firmlyOut;
}
