/** Evaluates an expression with the functions of the documents' scripts, as Python has them there. */
import { spawnSync } from 'node:child_process';
import { joinPython } from '../../../infra/documents/join-python.ts';

const script = joinPython('journal');

/** @param expression of `given`, which is `value` as JSON has it */
export function evaluate<T>(expression: string, value: unknown): T {
  const input = `${script}\n\ngiven = json.loads(sys.stdin.readline())\nprint(json.dumps(${expression}))\n`;
  const { stdout, stderr, status } = spawnSync('python3', ['-I', '-c', input], {
    input: `${JSON.stringify(value)}\n`,
    encoding: 'utf8',
    timeout: 20_000,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as T;
}
