import { beforeAll, describe, expect, it } from 'vitest';
import { whyNoLocalStack } from '../../../../setup/localstack.mjs';
import type { Interpreter } from './differences.ts';
import { runOnDefaultEmulator, runOnLocalStack } from './emulators.ts';
import { judge } from './judge.ts';
import type { Row } from './row.ts';
import type { RowResult } from './run-row.ts';
import { TABLE } from './table.ts';

const ROWS = TABLE.map(({ name }, index) => [name, index] as const);
/** The first use on a machine installs LocalStack: 375 MB. */
const LIMIT_MS = 600_000;

function describeInterpreter(name: Interpreter, run: (rows: readonly Row[]) => Promise<RowResult[]>): void {
  let results: readonly RowResult[];
  beforeAll(async () => {
    results = await run(TABLE);
  }, LIMIT_MS);

  it.each(ROWS)('%s is as the table says', (_, index) => {
    const result = results[index] as RowResult;
    expect(result.result, JSON.stringify(result)).not.toBe('not run');
    expect(judge(name, [result]).problems).toEqual([]);
  });
}

describe('the default emulator', () => describeInterpreter('default emulator', runOnDefaultEmulator));

describe.skipIf(whyNoLocalStack() !== undefined)('LocalStack', () => describeInterpreter('LocalStack', runOnLocalStack));
