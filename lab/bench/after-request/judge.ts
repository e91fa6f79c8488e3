/** What the benchmark says of its rounds. Pure. */
import { medianOf } from '../median.ts';

/** Milliseconds per request of one round, on the server without and on the one with it, right after one another. */
export interface Round {
  readonly atOnceMs: number;
  readonly afterRequestMs: number;
}
export interface Case extends Round {
  /** Of the attribute, as it is serialized. */
  readonly bytes: number;
  /** Whether a request changes the attribute that it reads. */
  readonly kind: 'read' | 'change';
  readonly ratio: number;
}

const rounded = (value: number | undefined, digits: number): number => Number((value ?? 0).toFixed(digits));

export const summarize = ({ bytes, kind }: Pick<Case, 'bytes' | 'kind'>, rounds: readonly Round[]): Case => ({
  bytes,
  kind,
  atOnceMs: rounded(medianOf(rounds.map(({ atOnceMs }) => atOnceMs)), 2),
  afterRequestMs: rounded(medianOf(rounds.map(({ afterRequestMs }) => afterRequestMs)), 2),
  ratio: rounded(medianOf(rounds.map(({ atOnceMs, afterRequestMs }) => afterRequestMs / atOnceMs)), 2),
});

export const lineOf = ({ bytes, kind, atOnceMs, afterRequestMs, ratio }: Case): string =>
  `${String(bytes).padStart(6)} bytes, ${kind.padEnd(6)}: ${atOnceMs.toFixed(2)} ms atOnce, ${afterRequestMs.toFixed(2)} ms afterRequest, ${ratio.toFixed(2)} times as long`;
