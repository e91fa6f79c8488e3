import { endWith } from '../../cli/output.ts';

/**
 * Runs a benchmark and ends the process: with what it returns; 2 for a wrong option, which is a TypeError; 1 for any other error.
 * @param bench returns 0 when every expectation was met, else 1
 */
export async function runBench<Options extends object>(
  parseOptions: (words: string[]) => Options | 'help',
  help: string,
  bench: (options: Options) => Promise<number>,
): Promise<never> {
  return endWith(async () => {
    try {
      const options = parseOptions(process.argv.slice(2));
      if (options === 'help') process.stdout.write(help);
      return options === 'help' ? 0 : await bench(options);
    } catch (error) {
      process.stderr.write(`${(error as Error).message}\n`);
      return error instanceof TypeError ? 2 : 1;
    }
  });
}

/** Lines with the seconds since now: on standard error where standard output is for JSON. */
export function progressLog(json: boolean): (line: string) => void {
  const begunMs = Date.now();
  return (line) => (json ? process.stderr : process.stdout).write(`${((Date.now() - begunMs) / 1000).toFixed(0).padStart(5)} s  ${line}\n`);
}
