/** Which mutants still are programs: a change that the compiler refuses tests nothing. */
import { type Mutant, make } from './mutant.ts';
import { runLimited } from './run-limited.ts';

const LIMIT_MS = 300_000;

/**
 * Mutants of different files are compiled together, so that a hundred of them take a few runs of the compiler; where a file
 * fails, or one that uses it, the mutants of that run are compiled one by one only if it is not clear which it is.
 * @returns those that type-check, in the same order
 */
export async function typeChecked(mutants: readonly Mutant[], checkout: string): Promise<Mutant[]> {
  const refused = new Set<Mutant>();
  for (let waiting = [...mutants]; waiting.length > 0; ) {
    const together: Mutant[] = [];
    for (const mutant of waiting) {
      const isApart = together.every((other) => other.edits.every(({ file }) => mutant.edits.every((edit) => edit.file !== file)));
      if (isApart) together.push(mutant);
    }
    for (const mutant of await refusedOf(together, checkout)) refused.add(mutant);
    waiting = waiting.filter((mutant) => !together.includes(mutant));
  }
  return mutants.filter((mutant) => !refused.has(mutant));
}

async function refusedOf(together: readonly Mutant[], checkout: string): Promise<readonly Mutant[]> {
  const broken = await brokenFiles(together, checkout);
  if (broken.size === 0) return [];
  const clear = together.filter(({ edits }) => edits.some(({ file }) => broken.has(file)));
  // Another file is broken by one of them: the half that breaks it is found by halving.
  const suspects = clear.length > 0 ? together.filter((mutant) => !clear.includes(mutant)) : together;
  if (clear.length === 0 && together.length === 1) return together;
  if (clear.length > 0) return [...clear, ...(suspects.length > 0 ? await refusedOf(suspects, checkout) : [])];
  const middle = Math.ceil(suspects.length / 2);
  return [...(await refusedOf(suspects.slice(0, middle), checkout)), ...(await refusedOf(suspects.slice(middle), checkout))];
}

/** Both projects: the checkout's, and that of the browser's code. */
async function brokenFiles(mutants: readonly Mutant[], checkout: string): Promise<ReadonlySet<string>> {
  const undo = mutants.map((mutant) => make(mutant, checkout));
  try {
    const browser = mutants.some(({ file }) => file.startsWith('console/browser/')) ? ['console/browser'] : [];
    const printed: string[] = [];
    for (const project of ['.', ...browser]) {
      const { stdout } = await runLimited(['node_modules/typescript/bin/tsc', '-p', project, '--pretty', 'false'], {
        cwd: checkout,
        limitMs: LIMIT_MS,
      });
      printed.push(stdout);
    }
    return new Set([...printed.join('\n').matchAll(/^([^\s(]+)\(\d+,\d+\): error/gm)].map(([, file]) => file as string));
  } finally {
    for (const putBack of undo.reverse()) putBack();
  }
}
