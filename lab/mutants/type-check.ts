/** Which mutants still are programs: a change that the compiler refuses tests nothing. */
import type { Importers } from './importers.ts';
import { type Mutant, make } from './mutant.ts';
import { type Ended, runLimited } from './run-limited.ts';

const LIMIT_MS = 300_000;

/**
 * Mutants of different files are compiled together, so that a hundred of them take a few runs of the compiler. Where a file fails that
 * no mutant has changed, the mutants of the files that it uses most directly are given up, although one of them may be innocent.
 * @returns those that type-check, in the same order
 */
export async function typeChecked(mutants: readonly Mutant[], checkout: string, importers: Importers): Promise<Mutant[]> {
  const refused = new Set<Mutant>();
  for (let waiting = mutants.filter(({ file }) => !file.endsWith('.py')); waiting.length > 0; ) {
    const together: Mutant[] = [];
    for (const mutant of waiting) if (together.every(({ file }) => file !== mutant.file)) together.push(mutant);
    waiting = waiting.filter((mutant) => !together.includes(mutant));
    for (let left = together; left.length > 0; ) {
      const broken = await brokenFiles(left, checkout);
      if (broken.size === 0) break;
      const own = left.filter(({ edits }) => edits.some(({ file }) => broken.has(file)));
      const culprits = own.length > 0 ? own : [...broken].flatMap((file) => nearestUsed(left, file, importers));
      for (const mutant of culprits) refused.add(mutant);
      left = culprits.length > 0 ? left.filter((mutant) => !refused.has(mutant)) : [];
    }
  }
  return mutants.filter((mutant) => !refused.has(mutant));
}

function nearestUsed(mutants: readonly Mutant[], broken: string, importers: Importers): Mutant[] {
  const distances = mutants.map(({ file }) => importers.dependants(file).get(broken) ?? Number.POSITIVE_INFINITY);
  const nearest = Math.min(...distances);
  return mutants.filter((_, index) => distances[index] === nearest);
}

/** Both projects: the checkout's, and that of the browser's code. */
async function brokenFiles(mutants: readonly Mutant[], checkout: string): Promise<ReadonlySet<string>> {
  const undo = mutants.map((mutant) => make(mutant, checkout));
  try {
    const browser = mutants.some(({ file }) => file.startsWith('console/browser/')) ? ['console/browser'] : [];
    const broken = new Set<string>();
    for (const project of ['.', ...browser]) {
      const ended = await runLimited(['node_modules/typescript/bin/tsc', '-p', project, '--pretty', 'false'], {
        cwd: checkout,
        limitMs: LIMIT_MS,
      });
      for (const file of filesInError(project, ended)) broken.add(file);
    }
    return broken;
  } finally {
    for (const putBack of undo.reverse()) putBack();
  }
}

/** @throws when the compiler did not end, or could not begin: then every mutant would seem to type-check */
export function filesInError(project: string, { code, stdout }: Pick<Ended, 'code' | 'stdout'>): readonly string[] {
  const errors = [...stdout.matchAll(/^([^\s(]+)\(\d+,\d+\): error/gm)].map(([, file]) => file as string);
  if (code === undefined) throw new Error(`the compiler did not check ${project} within ${LIMIT_MS / 1000} s: nothing was measured`);
  if (code !== 0 && errors.length === 0) throw new Error(`the compiler could not check ${project} (exit code ${code}): ${stdout.trim()}`);
  return errors;
}
