/** The process of the `holdfast` command. */
import { endWith } from '../cli/output.ts';
import { runCommandLine } from './run-command-line.ts';

await endWith(() => runCommandLine(process.argv.slice(2)));
