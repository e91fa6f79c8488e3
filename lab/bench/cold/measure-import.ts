import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { medianOf } from '../median.ts';

/** Prints the milliseconds of loading the module, as Lambda's runtime loads it, without the start of the process. */
const PROGRAM = `const begun = performance.now(); require(process.argv[1]); process.stdout.write(String(performance.now() - begun));`;
/** Some hundred times what an import takes. */
const LIMIT_MS = 30_000;
/** What Lambda sets that functions read when they load. Nothing is called with these credentials. */
const ENVIRONMENT = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'none',
  AWS_LAMBDA_FUNCTION_NAME: 'cold',
  PATH: process.env['PATH'] ?? '',
};

/**
 * The median time of importing a module, each time in a process of its own, milliseconds.
 * @param times an odd number
 */
export async function measureImport(file: string, times: number): Promise<number> {
  const took: number[] = [];
  for (let count = 0; count < times; count += 1) {
    const args = ['--input-type=commonjs', '--eval', PROGRAM, file];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env: ENVIRONMENT, timeout: LIMIT_MS });
    took.push(Number(stdout));
  }
  return medianOf(took) as number;
}
