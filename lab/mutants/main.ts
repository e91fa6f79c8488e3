/** `npm run mutants`: how strong the tests are, measured with planted faults. */
import { availableParallelism } from 'node:os';
import { secondsOf } from '../../test/recorded-seconds.ts';
import { REPOSITORY } from '../../test/run-node.ts';
import { readCommit } from '../simulation/run/commit.ts';
import { changedSince } from './checkout.ts';
import { drawMutants, partOf, testedFiles } from './draw.ts';
import { givenMutants } from './given/given.ts';
import { isDated, isListed, isNoticed, mergeRows, type Row, readEquivalents, readMatrix, writeMatrix } from './matrix.ts';
import { RECORDING, SAMPLE } from './measure.ts';
import { lineOf, lineOfChange, type Mutant } from './mutant.ts';
import { scenariosThatNotice } from './notice/run-scenarios.ts';
import { HELP, type Options, parseOptions } from './options.ts';
import { typeChecked } from './type-check.ts';
import { measureAll, openWorkshop, type Workshop } from './workshop.ts';

const OPTION_IS_WRONG = 2;
const INTERRUPTED = 130;
/** Generated mutants of a recording, and the seed that draws them. */
const GENERATED = 110;
const GENERATED_SEED = 1;
/** So many of those drawn type-check, and some more are drawn than are wanted. */
const PASSING_SHARE = 0.6;

const say = (line: string) => void process.stderr.write(`${line}\n`);
const elapsedSeconds = () => Math.round(performance.now() / 1000);

type DrawnFrom = Pick<Workshop, 'files' | 'importers' | 'copies'>;

/** @returns as many mutants as are wanted, all of which type-check */
async function draw(count: number, seed: number, { files, importers, copies }: DrawnFrom): Promise<Mutant[]> {
  const drawn = drawMutants(seed, { repository: REPOSITORY, files, importers, secondsOf });
  const kept: Mutant[] = [];
  while (kept.length < count) {
    const some: Mutant[] = [];
    const wanted = Math.ceil((count - kept.length) / PASSING_SHARE);
    for (let next = await drawn.next(); !next.done; next = await drawn.next()) if (some.push(next.value) >= wanted) break;
    if (some.length === 0) break;
    kept.push(...(await typeChecked(some, copies[0] as string, importers)));
    say(`${Math.min(kept.length, count)} of ${count} mutants drawn, ${elapsedSeconds()} s`);
  }
  return kept.slice(0, count);
}

/** One mutant of each part of the product that no drawn row is of. */
async function drawMissing(rows: readonly Row[], workshop: Workshop): Promise<Mutant[]> {
  const drawn = new Set(rows.filter(({ kind }) => kind === 'generated').map(({ file }) => partOf(file)));
  const missing = [...Map.groupBy(testedFiles(workshop), partOf)].filter(([part]) => !drawn.has(part));
  const mutants: Mutant[] = [];
  for (const [, files] of missing) mutants.push(...(await draw(1, GENERATED_SEED, { ...workshop, files })));
  return mutants;
}

async function sample(count: number, seed: number, workshop: Workshop, signal: AbortSignal): Promise<Row[]> {
  const rows: Row[] = [];
  const onMeasured = (mutant: Mutant, noticed: readonly string[] | undefined) => {
    rows.push({ ...mutant, ...(noticed && { noticed }) });
    printProgress(rows.at(-1) as Row, `${rows.length} of ${count}`);
  };
  say(`seed ${seed}`);
  await measureAll(await draw(count, seed, workshop), workshop, { effort: SAMPLE, onMeasured, signal });
  return rows;
}

function printProgress({ file, line, change, noticed }: Row, done: string): void {
  const by = noticed === undefined ? 'the machine is too slow to tell, run it again' : noticed.join(', ') || 'NOT NOTICED';
  say(`${done}, ${elapsedSeconds()} s: ${file}:${line}: ${change}: ${by}`);
}

/**
 * Measures what the recording does not know yet, what nothing noticed before, and what only tests noticed that have changed since;
 * writes it after each mutant.
 */
async function record({ only, again, scenarios }: Options, workshop: Workshop, signal: AbortSignal): Promise<Row[]> {
  const known = mergeRows(readMatrix(), givenMutants(REPOSITORY), ({ edits: [edit] }) => edit && lineOfChange(edit, REPOSITORY));
  if (!known.some(({ kind }) => kind === 'generated')) known.push(...(await draw(GENERATED, GENERATED_SEED, workshop)));
  known.push(...(await drawMissing(known, workshop)));
  const rows = new Map<string, Row>(known.map((row) => [row.id, row]));
  const equivalents = readEquivalents();
  const at = await readCommit('all', 'lab/mutants/recorded');
  const isMeant = ({ file, change }: Row) => only === undefined || file.includes(only) || change.includes(only);
  const applies = ({ edits }: Row) => edits.every((edit) => lineOf(edit, REPOSITORY) !== undefined);
  const meant = () => [...rows.values()].filter(isMeant);
  const survivors = () =>
    meant().filter((row) => row.noticed !== undefined && !isNoticed(row) && !isListed(row, equivalents) && applies(row));
  for (const { id } of meant().filter((row) => !applies(row))) say(`no longer applies to this checkout: ${id}`);
  const keep = (mutant: Mutant, noticed: readonly string[] | undefined) => {
    if (noticed) rows.set(mutant.id, { ...mutant, noticed, at });
    writeMatrix([...rows.values()]);
  };
  const changes = new Map<string, ReadonlySet<string> | undefined>();
  const changed = (commit: string) => {
    if (!changes.has(commit)) changes.set(commit, changedSince(commit));
    return changes.get(commit);
  };
  const isDue = (row: Row) => row.noticed === undefined || isDated(row, changed);
  const chosen = again ? meant().filter(applies) : [...meant().filter((row) => isDue(row) && applies(row)), ...survivors()];
  let done = 0;
  let waiting: readonly Mutant[] = chosen;
  for (const effort of RECORDING) {
    const unnoticed: Mutant[] = [];
    const isLast = effort === RECORDING.at(-1);
    const onMeasured = (mutant: Mutant, noticed: readonly string[] | undefined) => {
      if (!isLast && !noticed?.length) return void unnoticed.push(mutant);
      keep(mutant, noticed);
      done += 1;
      printProgress({ ...mutant, ...(noticed && { noticed }) }, `${done} of ${chosen.length}`);
    };
    await measureAll(waiting, workshop, { effort, onMeasured, signal });
    waiting = unnoticed;
  }
  if (scenarios) {
    // One local cloud at a time: two would be late at everything.
    for (const row of survivors()) {
      if (signal.aborted) break;
      keep(row, await scenariosThatNotice(row, workshop.copies[0] as string, workshop.importers));
      printProgress(rows.get(row.id) as Row, 'scenarios');
    }
  }
  return meant();
}

const isMeasured = ({ noticed }: Row): boolean => noticed !== undefined;

function report(all: readonly Row[], json: boolean): number {
  const rows = all.filter(isMeasured);
  const gone = rows.filter(({ edits }) => edits.some((edit) => lineOf(edit, REPOSITORY) === undefined)).length;
  const open = all.length - rows.length + gone;
  if (open > 0) say(`not measured: ${open}, of which ${gone} no longer apply to this checkout`);
  const equivalents = readEquivalents();
  const survivors = rows.filter((row) => !isNoticed(row) && !isListed(row, equivalents));
  const noticed = rows.filter(isNoticed).length;
  if (json) {
    const named = survivors.map(({ file, line, change }) => ({ file, line, change }));
    process.stdout.write(`${JSON.stringify({ mutants: rows.length, noticed, survivors: named, seconds: elapsedSeconds() })}\n`);
  } else {
    for (const { file, line, change } of survivors) process.stdout.write(`✗ ${file}:${line}: ${change}\n`);
    process.stdout.write(`${noticed} of ${rows.length} mutants are noticed, ${survivors.length} survive, ${elapsedSeconds()} s\n`);
  }
  return survivors.length === 0 && open === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  let options: ReturnType<typeof parseOptions>;
  try {
    options = parseOptions(process.argv.slice(2), availableParallelism());
  } catch (error) {
    say((error as Error).message);
    return OPTION_IS_WRONG;
  }
  if (options === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  const interruption = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      // The second one does not wait for the mutants that are being measured.
      if (interruption.signal.aborted) process.exit(INTERRUPTED);
      interruption.abort();
    });
  }
  const workshop = await openWorkshop(options.workers);
  try {
    // Others than the recording's, and others each time.
    const { sample: count, seed = GENERATED_SEED + 1 + (Date.now() % 1_000_000) } = options;
    const rows =
      count === undefined ? await record(options, workshop, interruption.signal) : await sample(count, seed, workshop, interruption.signal);
    const code = report(rows, options.json);
    return interruption.signal.aborted ? INTERRUPTED : code;
  } finally {
    workshop.close();
  }
}

process.exitCode = await main();
