/** `help COMMAND`, the same as `COMMAND --help`. */
import type { Command } from 'commander';
import { CommandFailure, EXIT } from './failure.ts';

export function addHelp(program: Command): void {
  program
    .command('help')
    .description('Show the help of a command.')
    .argument('[command...]', 'command, such as "deploy" or "deploys show"')
    .addHelpText('after', '\nExamples:\n  $ npx holdfast help deploy\n  $ npx holdfast help deploys show\n')
    .action((names: readonly string[]) => {
      findCommand(program, names).outputHelp();
    });
}

/** @throws CommandFailure InvalidCommand */
function findCommand(program: Command, names: readonly string[]): Command {
  let found = program;
  for (const name of names) {
    const next = found.commands.find((command) => command.name() === name);
    if (next === undefined)
      throw new CommandFailure(
        'InvalidCommand',
        `unknown command ${JSON.stringify(names.join(' '))}. "npx holdfast help" lists the commands.`,
        EXIT.badInput,
      );
    found = next;
  }
  return found;
}
