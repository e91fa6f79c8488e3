import { runCommandLine as run } from '../cli/run-command-line.ts';
import { addConsole } from '../console/add-command.ts';
import { addLocalCommands } from './local-commands.ts';

/** Runs the command line of a checkout and returns the exit code. */
export const runCommandLine = (args: readonly string[]): Promise<number> => run(args, addConsole, addLocalCommands);
