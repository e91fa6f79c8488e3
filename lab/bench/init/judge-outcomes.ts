/** What the page promises of a first configuration. Pure. */
import type { Outcome } from './run-kind.ts';

const MOST = { commands: 10, seconds: 300, decidedByPerson: 5 } as const;

/** What is over a limit, a sentence each. */
export const judgeOutcomes = (fleets: readonly Outcome[]): readonly string[] =>
  fleets.flatMap((fleet) =>
    (['commands', 'seconds', 'decidedByPerson'] as const).flatMap((name) =>
      fleet[name] > MOST[name] ? [`${fleet.kind} has ${fleet[name]} of ${name}, more than ${MOST[name]}`] : [],
    ),
  );
