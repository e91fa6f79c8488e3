/** Advice on where sessions should be stored, from a situation. Pure. */
import { type AdvisedConfiguration, advisedConfiguration } from './configuration.ts';
import { type Contradiction, findContradictions } from './contradictions.ts';
import { judgeStrategies, PRECEDENCE, recommend, type Verdict } from './judge.ts';
import type { Condition, Rating, Strategy } from './matrix.ts';
import { type Migration, planMigration } from './migration.ts';
import { checkSituation, rowsThatApply, type Situation } from './situation.ts';

export interface Advice {
  readonly recommended: Strategy;
  readonly reason: string;
  readonly situation: Situation;
  /** One per strategy. */
  readonly verdicts: readonly Verdict[];
  /** Every row that applies, with the reason why it applies. */
  readonly rows: readonly {
    readonly condition: Condition;
    readonly because: string;
    readonly ratings: Readonly<Record<Strategy, Rating>>;
  }[];
  /** What the matrix has no row for: whether users stay on one server although the store has their sessions. */
  readonly pages: string;
  readonly contradictions: readonly Contradiction[];
  readonly precedence: readonly string[];
  /** The part of holdfast.config.json that follows from it. */
  readonly configuration: AdvisedConfiguration;
  /** From sticky servers to the store; given for every recommendation, because the system may grow. */
  readonly migration: Migration;
}

/** @throws InvalidSituation for numbers out of bounds */
export function advise(situation: Situation): Advice {
  checkSituation(situation);
  const applicable = rowsThatApply(situation);
  const rows = applicable.map(({ row }) => row);
  const verdicts = judgeStrategies(rows);
  const { strategy, reason } = recommend(situation.system, verdicts);
  return {
    recommended: strategy,
    reason,
    situation,
    verdicts,
    rows: applicable.map(({ row, because }) => {
      const { condition, ...ratings } = row;
      return { condition, because, ratings };
    }),
    pages: adviseOnPages(situation, strategy),
    contradictions: findContradictions(situation, rows, strategy),
    precedence: PRECEDENCE,
    configuration: advisedConfiguration(situation, strategy),
    migration: planMigration(situation.servers, situation.sessionBytes),
  };
}

/** The matrix has no row for pages that keep state on the server: it decides how the store is used, and not whether. */
export function adviseOnPages({ pageState }: Pick<Situation, 'pageState'>, strategy: Strategy): string {
  if (strategy !== 'redis') {
    return pageState
      ? 'Pages keep state on the server: the load balancer keeps each user on one server, as this strategy needs in any case.'
      : 'This strategy keeps each user on one server, whatever pages keep.';
  }
  if (pageState === undefined) {
    return 'Do pages keep state on the server (Wicket, Faces, Vaadin), or do requests change objects in the session in place? If so, ask again with --page-state.';
  }
  return pageState
    ? 'Pages keep state on the server: set "stickiness": true, so that a user stays on one server, and the store has the session after each request.'
    : 'Pages keep no state on the server: each request can go to any server.';
}
