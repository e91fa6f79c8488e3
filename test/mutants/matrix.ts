/** What is known of each mutant: the test files that notice it, recorded so that a run goes on where it was stopped. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Mutant } from './mutant.ts';

export interface Row extends Mutant {
  /** Test files of the parts that fail with it, the nearest first; undefined until they have run. */
  readonly units?: readonly string[];
  /** The unit tests did not end within four times what they take: it never ends, or waits for what does not come. */
  readonly late?: boolean;
  /** Test files that have ended with it. */
  readonly unitsRan?: number;
  /** Whether 300 seeds of the simulation break; undefined where a unit test notices it, or the simulation does not use the file. */
  readonly seeds?: boolean;
  /** Scenarios that fail twice with it and pass without; only of mutants that nothing above notices. */
  readonly scenarios?: readonly string[];
}

export interface Matrix {
  /** Of the checkout that was measured. */
  readonly commit: string;
  readonly rows: readonly Row[];
}

export const MATRIX = path.join(import.meta.dirname, 'recorded/matrix.json');

export const readMatrix = (file = MATRIX): Matrix | undefined =>
  existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Matrix) : undefined;

/** One row for each line, so that a difference reads well. */
export function writeMatrix({ commit, rows }: Matrix, file = MATRIX): void {
  const lines = rows.map((row) => `    ${JSON.stringify(row)}`);
  writeFileSync(file, `{\n  "commit": ${JSON.stringify(commit)},\n  "rows": [\n${lines.join(',\n')}\n  ]\n}\n`);
}

export const isNoticed = ({ units = [], late = false, seeds = false, scenarios = [] }: Row): boolean =>
  units.length > 0 || late || seeds || scenarios.length > 0;

export interface Equivalent {
  readonly id: string;
  /** Why no test can notice it, or why none should. */
  readonly reason: string;
}

const EQUIVALENTS = path.join(import.meta.dirname, 'recorded/equivalents.json');

export const readEquivalents = (): readonly Equivalent[] => JSON.parse(readFileSync(EQUIVALENTS, 'utf8')) as Equivalent[];
