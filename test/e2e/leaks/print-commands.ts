/** Its own process: runs the commands of `holdfast` that are given as JSON, and prints what each prints. */
import { runCommandLine } from '../../../bin/run-command-line.ts';

for (const args of JSON.parse(process.argv[2] ?? '[]') as string[][]) {
  process.stdout.write(`${args.join(' ')}\n`);
  await runCommandLine(args);
}
process.exit(0);
