/** Every behaviour of Step Functions that Holdfast relies on. */
import type { Row } from './row.ts';
import { BRANCH_ROWS } from './rows/branches.ts';
import { CATCH_ROWS } from './rows/catch.ts';
import { CHOICE_ROWS } from './rows/choice.ts';
import { DATA_ROWS } from './rows/data.ts';
import { EXECUTION_ROWS } from './rows/executions.ts';
import { RETRY_ROWS } from './rows/retry.ts';

export const SECTIONS: readonly { readonly title: string; readonly rows: readonly Row[] }[] = [
  { title: 'Retry', rows: RETRY_ROWS },
  { title: 'Catch, errors of functions, sizes', rows: CATCH_ROWS },
  { title: 'Choice', rows: CHOICE_ROWS },
  { title: 'Input, output, paths', rows: DATA_ROWS },
  { title: 'Executions and their children', rows: EXECUTION_ROWS },
  { title: 'Map', rows: BRANCH_ROWS },
];

export const TABLE: readonly Row[] = SECTIONS.flatMap(({ rows }) => rows);
