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
    contradictions: findContradictions(situation, rows, strategy),
    precedence: PRECEDENCE,
    configuration: advisedConfiguration(situation, strategy),
    migration: planMigration(situation.servers, situation.sessionBytes),
  };
}
