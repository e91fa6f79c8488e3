/** What the benchmark says of its rounds. Pure. */
import { medianOf } from '../median.ts';

export interface Round {
  readonly requests: number;
  readonly perSecond: number;
  /** That the store carried out for them. */
  readonly commands: number;
}

export interface Result {
  readonly stock: Summary;
  readonly guarded: Summary;
  /** Median over the rounds: each compares the two right after one another. */
  readonly throughputRatio: number;
  readonly met: boolean;
}

interface Summary {
  readonly perSecond: number;
  readonly commandsPerRequest: number;
}

const LEAST_RATIO = 0.95;
const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

const summarize = (rounds: readonly Round[]): Summary => ({
  perSecond: rounded(medianOf(rounds.map(({ perSecond }) => perSecond)) ?? 0, 0),
  commandsPerRequest: rounded(
    rounds.reduce((sum, { commands }) => sum + commands, 0) / rounds.reduce((sum, { requests }) => sum + requests, 0),
    3,
  ),
});

/** @param rounds an odd number of them */
export function judge(rounds: readonly { readonly stock: Round; readonly guarded: Round }[]): Result {
  const stock = summarize(rounds.map((round) => round.stock));
  const guarded = summarize(rounds.map((round) => round.guarded));
  const throughputRatio = rounded(medianOf(rounds.map((round) => round.guarded.perSecond / round.stock.perSecond)) ?? 0, 3);
  return { stock, guarded, throughputRatio, met: guarded.commandsPerRequest === 1 && throughputRatio >= LEAST_RATIO };
}
