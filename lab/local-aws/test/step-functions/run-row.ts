/** Runs rows of the table on an interpreter and compares what is observed. */
import { isDeepStrictEqual } from 'node:util';
import type { Json } from './json.ts';
import { type Arns, NotRun, outcome, type Row, type StatesCloud } from './row.ts';

export type RowResult = { readonly row: string } & (
  | { readonly result: 'agrees'; readonly observed: Json }
  | { readonly result: 'differs'; readonly observed: Json }
  /** The interpreter has not what the row needs. */
  | { readonly result: 'not run'; readonly why: string }
);

/** A step that fails is a difference, with its error as what was observed. */
export async function runRow(row: Row, cloud: StatesCloud): Promise<RowResult> {
  try {
    const observed = await observe(row, cloud);
    const result = row.must.some((reading) => isDeepStrictEqual(reading, observed)) ? 'agrees' : 'differs';
    return { row: row.name, result, observed };
  } catch (error) {
    if (error instanceof NotRun) return { row: row.name, result: 'not run', why: error.message };
    const { name, message } = error as Error;
    return { row: row.name, result: 'differs', observed: `${name}: ${message}` };
  }
}

async function observe(row: Row, cloud: StatesCloud): Promise<Json> {
  const arns: Record<string, string> = {};
  for (const [name, behaviour] of Object.entries(row.functions ?? {}))
    arns[name] = await cloud.makeFunction(`${row.name}-${name}`, behaviour);
  for (const [name, machine] of Object.entries(row.machines))
    arns[name] = await cloud.makeMachine(`${row.name}-${name}`, machine(arns as Arns));
  const executionArn = await cloud.start(arns['main'] as string, row.input ?? {}, row.executionName);
  const run = { cloud, arns, executionArn };
  const during = (await row.during?.(run)) ?? null;
  const ended = await cloud.ended(executionArn);
  const observed = await (row.observe ?? outcome)(ended, run, during);
  // As JSON carries it: an absent value is no difference.
  return JSON.parse(JSON.stringify(observed, (_, value: unknown) => shortened(value))) as Json;
}

/** Results that are too large are no reading. */
const LONGEST_TEXT = 200;
const shortened = (value: unknown): unknown =>
  typeof value === 'string' && value.length > LONGEST_TEXT ? `${value.slice(0, 20)}… (${value.length} characters)` : value;

/** At most `width` rows at a time: most of them wait. Results are in the table's order. */
export async function runTable(rows: readonly Row[], cloud: StatesCloud, width: number): Promise<RowResult[]> {
  const results: RowResult[] = [];
  const left = rows.entries();
  const worker = async () => {
    for (const [index, row] of left) results[index] = await runRow(row, cloud);
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}
