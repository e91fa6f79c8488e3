/** What both modes work with: copies of the checkout, who imports whom, and mutants measured several at a time. */
import { availableParallelism } from 'node:os';
import { secondsOf } from '../../test/recorded-seconds.ts';
import { REPOSITORY } from '../../test/run-node.ts';
import { checkoutFiles, copyCheckout, removeCheckout, removeLeftovers } from './checkout.ts';
import { Importers } from './importers.ts';
import { isNotice } from './matrix.ts';
import { type Effort, measure } from './measure.ts';
import type { Mutant } from './mutant.ts';
import { runSeeds } from './notice/run-seeds.ts';
import { runUnits } from './notice/run-units.ts';

export interface Workshop {
  readonly files: readonly string[];
  readonly importers: Importers;
  readonly copies: readonly string[];
  close(): void;
}

export async function openWorkshop(workers = availableParallelism()): Promise<Workshop> {
  const files = checkoutFiles();
  const importers = await Importers.of(REPOSITORY, files, (file) => /^(?:test|lab)\/.*\.test\.ts$/.test(file) && isNotice(file));
  removeLeftovers();
  const copies = Array.from({ length: workers }, (_, index) => copyCheckout(index + 1, files));
  const close = () => copies.forEach(removeCheckout);
  process.once('exit', close);
  return { files, importers, copies, close };
}

/** Each mutant is measured so many times where the machine is too slow to tell. */
const ATTEMPTS = 3;

export interface Measuring {
  readonly effort: Effort;
  /** Is called with what a row has in `noticed` as soon as it is known; undefined where the machine was too slow to tell. */
  onMeasured(mutant: Mutant, noticed: readonly string[] | undefined): void;
  /** Ends after the mutants that are being measured. */
  readonly signal: AbortSignal;
}

/** Measures mutants, one in each copy at a time. What the machine was too slow for is measured again after the others. */
export async function measureAll(mutants: readonly Mutant[], { importers, copies }: Workshop, measuring: Measuring): Promise<void> {
  const { effort, onMeasured, signal } = measuring;
  const passes = new Map<string, Promise<boolean>>();
  const passesUnchanged = (checkout: string) => (test: string) => {
    const known =
      passes.get(test) ??
      runUnits({ checkout, tests: [test], seconds: secondsOf(test), patience: effort.patience }).then(
        ({ failed, isDoubtful }) => failed.length === 0 && !isDoubtful,
      );
    passes.set(test, known);
    return known;
  };
  let seedsHold: Promise<boolean> | undefined;
  const holdUnchanged = (checkout: string) => () => {
    seedsHold ??= runSeeds(checkout, effort.patience).then(({ failed, isDoubtful }) => failed.length === 0 && !isDoubtful);
    return seedsHold;
  };
  const waiting = mutants.map((mutant) => ({ mutant, attempt: 1 }));
  const work = async (checkout: string) => {
    const bench = { checkout, importers, secondsOf, passesUnchanged: passesUnchanged(checkout), seedsHold: holdUnchanged(checkout) };
    for (let next = waiting.shift(); next !== undefined && !signal.aborted; next = waiting.shift()) {
      const { mutant, attempt } = next;
      const noticed = await measure(mutant, bench, effort);
      if (noticed === undefined && attempt < ATTEMPTS) waiting.push({ mutant, attempt: attempt + 1 });
      else onMeasured(mutant, noticed);
    }
  };
  await Promise.all(copies.map(work));
}
