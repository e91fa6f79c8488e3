/** The `holdfast` command: reads the arguments, runs one command, and turns its result into output and an exit code. */
import { type Command, CommanderError } from 'commander';
import type { Run } from './command-parts.ts';
import { badInput, type CommandFailure, toFailure } from './failure.ts';
import { createOutput, printJson, printNote, showWait } from './output.ts';
import { addCommands, createProgram, groupCommands } from './program.ts';

/**
 * Runs the command line and returns the exit code.
 * @param more adds the commands of other rooms: the console, and what only a checkout, or only the package, has
 */
export async function runCommandLine(args: readonly string[], ...more: readonly ((program: Command, run: Run) => void)[]): Promise<number> {
  let exitCode = 0;
  const program = createProgram();
  const run: Run = async (work, json) => {
    exitCode = (await showWait('still at work', async () => work(createOutput(json)))) ?? 0;
  };
  addCommands(program, run);
  for (const add of more) add(program, run);
  groupCommands(program);
  try {
    if (args.length === 0)
      throw badInput('NoCommand', `no command was given. Name one of the commands below\n\n${program.helpInformation()}`);
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0; // --help
    const isCommand = program.commands.some((command) => command.name() === args[0]);
    const failure = thrown instanceof CommanderError ? misused(thrown, isCommand) : toFailure(thrown);
    const { code, message } = failure;
    if (args.includes('--json')) printJson({ error: { code, message } });
    else printNote(`${code}: ${message}`);
    return failure.exitCode;
  }
}

function misused(error: CommanderError, isCommand: boolean): CommandFailure {
  const hint = isCommand ? '--help shows examples' : '--help lists the commands';
  return badInput('InvalidCommand', `${error.message.replace(/^error: /, '')} (${hint})`);
}
