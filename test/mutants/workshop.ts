/** What both modes work with: copies of the checkout, who imports whom, and mutants measured several at a time. */
import { availableParallelism } from 'node:os';
import { secondsOf } from '../recorded-seconds.ts';
import { REPOSITORY } from '../run-node.ts';
import { checkoutFiles, copyCheckout, removeCheckout } from './checkout.ts';
import { Importers } from './importers.ts';
import type { Row } from './matrix.ts';
import { type Effort, measure } from './measure.ts';
import type { Mutant } from './mutant.ts';
import { runUnits } from './notice/run-units.ts';

/** They compare whole texts, or look at the code itself: whatever is changed, they notice it. */
const NO_NOTICE = /^test\/(?:e2e|architecture|words|mutants|simulation\/plants)\/|\/snapshot\.test\.ts$|\.full\.test\.ts$/;

export interface Workshop {
  readonly files: readonly string[];
  readonly importers: Importers;
  readonly copies: readonly string[];
  close(): void;
}

export async function openWorkshop(workers = availableParallelism()): Promise<Workshop> {
  const files = checkoutFiles();
  const importers = await Importers.of(REPOSITORY, files, (file) => /^test\/.*\.test\.ts$/.test(file) && !NO_NOTICE.test(file));
  const copies = Array.from({ length: workers }, (_, index) => copyCheckout(`copy-${process.pid}-${index + 1}`, files));
  const close = () => copies.forEach(removeCheckout);
  process.once('exit', close);
  return { files, importers, copies, close };
}

/**
 * Measures mutants, one in each copy at a time.
 * @param onRow is told each row as soon as it is known
 * @param signal ends after the mutants that are being measured
 */
export async function measureAll(
  mutants: readonly Mutant[],
  { importers, copies }: Workshop,
  effort: Effort,
  { onRow, signal }: { onRow: (row: Row) => void; signal: AbortSignal },
): Promise<void> {
  const passes = new Map<string, Promise<boolean>>();
  const passesUnchanged = (test: string, checkout: string): Promise<boolean> => {
    const known =
      passes.get(test) ??
      runUnits({ checkout, tests: [test], seconds: secondsOf(test), onlyFirst: true }).then(
        ({ failed, late }) => failed.length === 0 && !late,
      );
    passes.set(test, known);
    return known;
  };
  const waiting = [...mutants];
  const work = async (checkout: string) => {
    for (let mutant = waiting.shift(); mutant !== undefined && !signal.aborted; mutant = waiting.shift()) {
      onRow(await measure(mutant, checkout, { importers, secondsOf, passesUnchanged }, effort));
    }
  };
  await Promise.all(copies.map(work));
}
