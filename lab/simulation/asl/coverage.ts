/** What of the machines' definitions a run can reach. State names repeat, so that each key has the machine's: `deploy/Next target`. */
import { type Definition, statesOf } from './definition.ts';

type Definitions = Readonly<Record<string, Definition>>;

export const coverageKey = (machine: string, state: string): string => `${machine}/${state}`;

/** Every state of every machine. */
export function everyState(definitions: Definitions): string[] {
  return Object.entries(definitions).flatMap(([machine, definition]) => statesOf(definition).map(([state]) => coverageKey(machine, state)));
}

/** Every state with a Catch. */
export function everyCatch(definitions: Definitions): string[] {
  return Object.entries(definitions).flatMap(([machine, definition]) =>
    statesOf(definition).flatMap(([name, state]) => ('Catch' in state && state.Catch?.length ? [coverageKey(machine, name)] : [])),
  );
}

/** Every branch of every Choice: `MACHINE/STATE → STATE`. */
export function everyBranch(definitions: Definitions): string[] {
  return Object.entries(definitions).flatMap(([machine, definition]) =>
    statesOf(definition).flatMap(([name, state]) =>
      state.Type === 'Choice'
        ? [...state.Choices.map(({ Next }) => Next), state.Default].map((next) => `${coverageKey(machine, name)} → ${next}`)
        : [],
    ),
  );
}
