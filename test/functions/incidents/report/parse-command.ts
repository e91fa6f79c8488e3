import { addLocalCommands } from '../../../../bin/local-commands.ts';
import { addCommands, createProgram } from '../../../../cli/program.ts';

/** Parses a command as the command line does, and runs nothing. @throws for what it would refuse */
export function parseCommand(command: string): void {
  if (/^npx (?!--no cdk )/.test(command)) throw new Error(`${command} can download what it runs`);
  const [name, ...words] = command.split(' ');
  if (name !== './holdfast') return;
  const program = createProgram();
  const run = async () => {};
  addCommands(program, run);
  addLocalCommands(program, run);
  program.parse(words, { from: 'user' });
}
