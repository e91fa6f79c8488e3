/** Which strategy the rows that apply speak for. Pure. */
import { CONCLUSION, type Condition, type Rating, type Row, STRATEGIES, STRATEGY_NAMES, type Strategy } from './matrix.ts';
import type { Situation } from './situation.ts';

export interface Verdict {
  readonly strategy: Strategy;
  readonly rating: Rating;
  /** Rows that gave the rating; all of them gave this one. */
  readonly decidedBy: readonly Condition[];
}

/**
 * From best to worst, where neither "Required" nor "Not recommended" is among a strategy's ratings. What is over-engineered
 * costs money and keeps every session; caution is a risk to sessions; difficult is work that may not succeed.
 */
const FROM_BEST = ['Best', 'Recommended', 'Possible', 'Over-engineering', 'Caution', 'Difficult'] as const;
const RANKS: readonly Rating[] = ['Required', ...FROM_BEST, 'Not recommended'];
const rank = (rating: Rating): number => RANKS.indexOf(rating);

/** First the way that the matrix's conclusion points, then what asks less of application and network. */
const TIE_ORDER: readonly Strategy[] = ['redis', 'sticky', 'tomcat-cluster'];

/** The rules that join rows, in the order in which they decide. */
export const PRECEDENCE: readonly string[] = [
  'A row applies by its own words. 5 servers count as "5+ servers", so "3~5 servers" means 3 and 4; 1KB is 1,024 bytes.',
  'A new project (neither --existing nor --legacy) starts with Redis, as the matrix concludes; the ratings are shown beside it.',
  'With --existing or --legacy the ratings decide. "Required" and "Not recommended" outrank all others: one such row rates its strategy.',
  `Without them a strategy is as good as its weakest row: ${FROM_BEST.join(' > ')}.`,
  'Between equals Redis comes before sticky, and sticky, which asks less of application and network, before a Tomcat cluster.',
  'Where every strategy has a row against it ("Not recommended" or "Difficult"), the conditions contradict each other: that is named, with what to change.',
];

/** One verdict a strategy, in the matrix's order. At least one row has to apply. */
export function judgeStrategies(rows: readonly Row[]): Verdict[] {
  return STRATEGIES.map((strategy) => {
    const rating = decisiveRating(rows.map((row) => row[strategy]));
    return { strategy, rating, decidedBy: rows.filter((row) => row[strategy] === rating).map(({ condition }) => condition) };
  });
}

function decisiveRating(ratings: readonly Rating[]): Rating {
  if (ratings.includes('Required')) return 'Required';
  // Also finds "Not recommended", which is the weakest of all.
  return ratings.reduce((weakest, rating) => (rank(rating) > rank(weakest) ? rating : weakest));
}

export interface Recommendation {
  readonly strategy: Strategy;
  readonly reason: string;
}

/** Chooses a strategy by the verdicts that {@link judgeStrategies} gave. */
export function recommend(system: Situation['system'], verdicts: readonly Verdict[]): Recommendation {
  const best = bestRated(verdicts);
  const rated = `${best.rating} by ${best.decidedBy.map((condition) => `"${condition}"`).join(' and ')}`;
  if (system !== 'new') return { strategy: best.strategy, reason: `${rated}; no other strategy is rated higher.` };
  const aside = best.strategy === 'redis' ? '' : ` By its rows alone it would be ${STRATEGY_NAMES[best.strategy]} (${rated}).`;
  return { strategy: 'redis', reason: `The matrix concludes: "${CONCLUSION.ofNew}"${aside}` };
}

function bestRated(verdicts: readonly Verdict[]): Verdict {
  const [best] = verdicts.toSorted(
    (a, b) => rank(a.rating) - rank(b.rating) || TIE_ORDER.indexOf(a.strategy) - TIE_ORDER.indexOf(b.strategy),
  );
  if (!best) throw new TypeError('there is no verdict to choose from');
  return best;
}

/** Rows that rule a strategy out: they say "Not recommended" of it, or "Required" of another. */
export const rowsAgainst = (strategy: Strategy, rows: readonly Row[]): Row[] =>
  rows.filter((row) => row[strategy] === 'Not recommended' || STRATEGIES.some((other) => other !== strategy && row[other] === 'Required'));
