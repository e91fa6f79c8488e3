/** Which strategy follows from the rows that apply. Pure. */
import {
  CONCLUSION,
  type Condition,
  type Rating,
  type Row,
  type Situation,
  STRATEGIES,
  STRATEGY_NAMES,
  type Strategy,
} from './situation.ts';

/** `decidedBy`: the rows with this rating, which decide the verdict. */
export type Verdict = { readonly strategy: Strategy; readonly rating: Rating; readonly decidedBy: readonly Condition[] };

/** "Over-engineering" costs money and keeps every session; "Caution" is a risk to them; "Difficult" is work that may not succeed. */
const FROM_BEST = ['Best', 'Recommended', 'Possible', 'Over-engineering', 'Caution', 'Difficult'] as const;
const RANKS: readonly Rating[] = ['Required', ...FROM_BEST, 'Not recommended'];
const rank = (rating: Rating): number => RANKS.indexOf(rating);

/** First the strategy of the matrix's conclusion, then the one that requires less of application and network. */
const TIE_ORDER: readonly Strategy[] = ['redis', 'sticky', 'tomcat-cluster'];

/** The rules that combine rows, in the order in which they apply. */
export const PRECEDENCE: readonly string[] = [
  'A row applies as it is written. 5 servers count as "5+ servers", so "3~5 servers" means 3 and 4; 1KB is 1,024 bytes.',
  'A new project (neither --existing nor --legacy) starts with Redis, as the matrix concludes; the ratings are shown for information.',
  'With --existing or --legacy the ratings decide. "Required" and "Not recommended" outrank all others: one such row decides the rating of its strategy.',
  `Without them, the weakest row decides the rating of a strategy: ${FROM_BEST.join(' > ')}.`,
  'Between equal ratings, Redis comes before sticky sessions, and sticky sessions, which require less of application and network, before a Tomcat cluster.',
  'If every strategy has a row with "Not recommended" or "Difficult", the conditions contradict each other: the contradiction is shown with what to change.',
];

/** One verdict per strategy, in the matrix's order. At least one row must apply. */
export function judgeStrategies(rows: readonly Row[]): Verdict[] {
  return STRATEGIES.map((strategy) => {
    const rating = decisiveRating(rows.map((row) => row[strategy]));
    return { strategy, rating, decidedBy: rows.filter((row) => row[strategy] === rating).map(({ condition }) => condition) };
  });
}

function decisiveRating(ratings: readonly Rating[]): Rating {
  if (ratings.includes('Required')) return 'Required';
  // Includes "Not recommended", the weakest of all.
  return ratings.reduce((weakest, rating) => (rank(rating) > rank(weakest) ? rating : weakest));
}

export type Recommendation = { readonly strategy: Strategy; readonly reason: string };

export function recommend(system: Situation['system'], verdicts: readonly Verdict[]): Recommendation {
  const best = bestRated(verdicts);
  const rated = `${best.rating} by ${best.decidedBy.map((condition) => `"${condition}"`).join(' and ')}`;
  if (system !== 'new') return { strategy: best.strategy, reason: `${rated}; no other strategy is rated higher.` };
  const otherwise = best.strategy === 'redis' ? '' : ` By the ratings alone it would be ${STRATEGY_NAMES[best.strategy]} (${rated}).`;
  return { strategy: 'redis', reason: `The matrix concludes: "${CONCLUSION.ofNew}"${otherwise}` };
}

function bestRated(verdicts: readonly Verdict[]): Verdict {
  const [best] = verdicts.toSorted(
    (a, b) => rank(a.rating) - rank(b.rating) || TIE_ORDER.indexOf(a.strategy) - TIE_ORDER.indexOf(b.strategy),
  );
  if (!best) throw new TypeError('there is no verdict to choose from');
  return best;
}

/** Rows that rule a strategy out: "Not recommended" for it, or "Required" for another one. */
export const rowsAgainst = (strategy: Strategy, rows: readonly Row[]): Row[] =>
  rows.filter((row) => row[strategy] === 'Not recommended' || STRATEGIES.some((other) => other !== strategy && row[other] === 'Required'));
