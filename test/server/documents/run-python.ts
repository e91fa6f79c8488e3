/** Evaluates an expression with the functions of the documents' scripts, as Python has them there. */
import { joinPython } from '../../../server/documents/join-python.ts';
import { runPython } from './warm-python.ts';

/** @param expression of `given`, which is `value` as JSON has it @param module whose functions it has, next to those of its neighbours @param own definitions next to them */
export async function evaluate<T>(expression: string, value: unknown, module = 'journal', own = ''): Promise<T> {
  // The text of a JSON string is one in Python, too.
  const more = `given = json.loads(${JSON.stringify(JSON.stringify(value))})\nprint(json.dumps(${expression}))\n`;
  const { stdout, stderr, code } = await runPython({ script: `${joinPython(module)}\n${own}`, more, limitSeconds: 100 });
  if (code !== 0) throw new Error(stderr || 'it did not end within 100 s');
  return JSON.parse(stdout) as T;
}
