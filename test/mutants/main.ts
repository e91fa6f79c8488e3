/** `npm run mutants`: how strong the tests are, measured with planted faults. */
import { availableParallelism } from 'node:os';
import { secondsOf } from '../recorded-seconds.ts';
import { REPOSITORY } from '../run-node.ts';
import { currentCommit } from './checkout.ts';
import { drawMutants } from './draw.ts';
import { givenMutants } from './given/given.ts';
import { isNoticed, type Matrix, type Row, readEquivalents, readMatrix, writeMatrix } from './matrix.ts';
import { RECORDING, SAMPLE } from './measure.ts';
import { lineOf, type Mutant } from './mutant.ts';
import { scenariosThatNotice } from './notice/run-scenarios.ts';
import { HELP, type Options, parseOptions } from './options.ts';
import { typeChecked } from './type-check.ts';
import { measureAll, openWorkshop, type Workshop } from './workshop.ts';

const OPTION_IS_WRONG = 2;
const INTERRUPTED = 130;
/** Of a recording, and the seed that draws them. */
const GENERATED = 110;
const GENERATED_SEED = 1;
/** So many of those drawn type-check, and some more are drawn than are wanted. */
const PASSING_SHARE = 0.6;

const say = (line: string) => void process.stderr.write(`${line}\n`);
const elapsedSeconds = () => Math.round(performance.now() / 1000);

/** @returns as many mutants as are wanted, all of which type-check */
async function draw(count: number, seed: number, { files, importers, copies }: Workshop): Promise<Mutant[]> {
  const drawn = drawMutants(seed, { repository: REPOSITORY, files, importers, secondsOf });
  const kept: Mutant[] = [];
  while (kept.length < count) {
    const some: Mutant[] = [];
    const wanted = Math.ceil((count - kept.length) / PASSING_SHARE);
    for (let next = await drawn.next(); !next.done; next = await drawn.next()) if (some.push(next.value) >= wanted) break;
    if (some.length === 0) break;
    kept.push(...(await typeChecked(some, copies[0] as string, importers)));
    say(`${kept.length} of ${count} mutants drawn, ${elapsedSeconds()} s`);
  }
  return kept.slice(0, count);
}

async function sample(count: number, seed: number, workshop: Workshop, signal: AbortSignal): Promise<Row[]> {
  const rows: Row[] = [];
  const onRow = (row: Row) => {
    rows.push(row);
    tell(row, rows.length, count);
  };
  await measureAll(await draw(count, seed, workshop), workshop, SAMPLE, { onRow, signal });
  return rows;
}

function tell(row: Row, done: number, all: number): void {
  const noticed = [...(row.seeds ? ['the simulation'] : []), ...(row.late ? ['its tests do not end'] : []), ...(row.units ?? [])];
  say(
    `${done} of ${all}, ${elapsedSeconds()} s: ${row.file}:${row.line}: ${row.change}: ${noticed.length > 0 ? noticed.slice(0, 3).join(', ') : 'NOT NOTICED'}`,
  );
}

/** Measures what the recording does not know yet, and writes it after each mutant. */
async function record({ only, scenarios }: Options, workshop: Workshop, signal: AbortSignal): Promise<Row[]> {
  const before = readMatrix();
  const commit = before?.commit ?? currentCommit();
  const mutants = before?.rows ?? [...givenMutants(REPOSITORY), ...(await draw(GENERATED, GENERATED_SEED, workshop))];
  const rows = new Map<string, Row>(mutants.map((row) => [row.id, row]));
  const matrix = (): Matrix => ({ commit, rows: [...rows.values()] });
  writeMatrix(matrix());
  const isMeant = ({ file, change }: Row) => only === undefined || file.includes(only) || change.includes(only);
  const unmeasured = matrix().rows.filter((row) => row.units === undefined && isMeant(row));
  const unknown = unmeasured.filter(({ edits }) => edits.every((edit) => lineOf(edit, REPOSITORY) !== undefined));
  if (unknown.length < unmeasured.length)
    say(`${unmeasured.length - unknown.length} mutants no longer apply to this checkout: measure them in one of commit ${commit}`);
  let done = 0;
  const onRow = (row: Row) => {
    rows.set(row.id, row);
    writeMatrix(matrix());
    done += 1;
    tell(row, done, unknown.length);
  };
  await measureAll(unknown, workshop, RECORDING, { onRow, signal });
  if (scenarios) {
    const survivors = matrix().rows.filter(
      (row) => row.units !== undefined && row.scenarios === undefined && !isNoticed(row) && isMeant(row),
    );
    // One local cloud at a time: two would be late at everything.
    for (const row of survivors) {
      if (signal.aborted) break;
      const noticing = await scenariosThatNotice(row, workshop.copies[0] as string, workshop.importers);
      rows.set(row.id, { ...row, scenarios: noticing });
      writeMatrix(matrix());
      say(`${row.file}:${row.line}: ${row.change}: ${noticing.join(', ') || 'no scenario notices it'}`);
    }
  }
  return matrix().rows.filter((row) => row.units !== undefined && isMeant(row));
}

function report(rows: readonly Row[], json: boolean): number {
  const listed = new Map(readEquivalents().map(({ id, reason }) => [id, reason]));
  const survivors = rows.filter((row) => !isNoticed(row) && !listed.has(row.id));
  const noticed = rows.filter(isNoticed).length;
  if (json) {
    const named = survivors.map(({ file, line, change }) => ({ file, line, change }));
    process.stdout.write(`${JSON.stringify({ mutants: rows.length, noticed, survivors: named, seconds: elapsedSeconds() })}\n`);
  } else {
    for (const { file, line, change } of survivors) process.stdout.write(`✗ ${file}:${line}: ${change}\n`);
    process.stdout.write(`${noticed} of ${rows.length} mutants are noticed, ${survivors.length} survive, ${elapsedSeconds()} s\n`);
  }
  return survivors.length === 0 ? 0 : 1;
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
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interruption.abort());
  const workshop = await openWorkshop(options.workers);
  try {
    const { sample: count, seed } = options;
    const rows =
      count === undefined ? await record(options, workshop, interruption.signal) : await sample(count, seed, workshop, interruption.signal);
    const code = report(rows, options.json);
    return interruption.signal.aborted ? INTERRUPTED : code;
  } finally {
    workshop.close();
  }
}

process.exitCode = await main();
