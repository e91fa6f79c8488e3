/** The `holdfast` command: reads the arguments, calls one command, turns its end into words and an exit code. */
import { CommanderError } from 'commander';
import { CommandFailure, EXIT, toFailure } from './failure.ts';
import { createOutput } from './output.ts';
import { buildProgram } from './program.ts';

/** Runs the command line; gives the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = buildProgram(async (work, json) => {
    exitCode = (await work(createOutput(json))) ?? 0;
  });
  try {
    if (args.length === 0) throw new CommandFailure('NoCommand', `name a command\n\n${program.helpInformation()}`, EXIT.badInput);
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0; // --help
    const failure = thrown instanceof CommanderError ? misused(thrown) : toFailure(thrown);
    const { code, message } = failure;
    if (args.includes('--json')) process.stdout.write(`${JSON.stringify({ error: { code, message } })}\n`);
    else process.stderr.write(`${code}: ${message}\n`);
    return failure.exitCode;
  }
}

function misused(error: CommanderError): CommandFailure {
  return new CommandFailure('InvalidCommand', `${error.message.replace(/^error: /, '')} (--help shows examples)`, EXIT.badInput);
}

if (import.meta.main) process.exit(await main(process.argv.slice(2)));
