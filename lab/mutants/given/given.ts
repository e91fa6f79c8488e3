/** Mutants that do not depend on a draw: the simulation's plants, and faults that this repository once had. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { PLANTS } from '../../simulation/plants/plants.ts';
import { type Edit, lineOf, type Mutant } from '../mutant.ts';

interface Fault {
  /** What was wrong. */
  readonly name: string;
  readonly edits: readonly Edit[];
}

const readFaults = () => JSON.parse(readFileSync(path.join(import.meta.dirname, 'historic.json'), 'utf8')) as readonly Fault[];

/** @throws when a text is no longer in its file exactly once, with the fault's name */
export function givenMutants(repository: string): Mutant[] {
  const plants = PLANTS.map(({ name, file, text, becomes, also }) => ({
    kind: 'plant' as const,
    name,
    edits: [{ file, text, becomes }, ...(also ? [also] : [])],
  }));
  const faults = readFaults().map((fault) => ({ kind: 'historic' as const, ...fault }));
  return [...plants, ...faults].map(({ kind, name, edits }) => {
    const lines = edits.map((edit) => lineOf(edit, repository));
    const missing = edits[lines.indexOf(undefined)];
    if (missing) throw new Error(`"${name}" cannot be planted: ${missing.file} does not have its text exactly once`);
    return { id: `${kind}: ${name}`, kind, file: (edits[0] as Edit).file, line: lines[0] as number, change: name, edits };
  });
}
