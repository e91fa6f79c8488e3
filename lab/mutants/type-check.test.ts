import { expect, it } from 'vitest';
import { filesInError } from './type-check.ts';

const PRINTED =
  "cli/a.ts(3,14): error TS2322: Type 'string' is not assignable\n  to type 'number'.\ninfra/b.ts(1,1): error TS1005: ';' expected.\n";

it('files with errors are those that the compiler names', () => {
  expect(filesInError('.', { code: 2, stdout: PRINTED })).toEqual(['cli/a.ts', 'infra/b.ts']);
  expect(filesInError('.', { code: 0, stdout: '' })).toEqual([]);
});

it('a compiler that does not end, or cannot begin, is no sign that everything type-checks', () => {
  expect(() => filesInError('.', { stdout: PRINTED })).toThrow('the compiler did not check . within 300 s');
  expect(() => filesInError('console/browser', { code: 1, stdout: "error TS5058: The path 'x' does not exist.\n" })).toThrow(
    "the compiler could not check console/browser (exit code 1): error TS5058: The path 'x' does not exist.",
  );
});
