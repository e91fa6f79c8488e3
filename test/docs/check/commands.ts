/** The commands that pages name, and whether the command line accepts them: its own program parses each. */
import { type Command, CommanderError } from 'commander';
import { addLocalCommands } from '../../../bin/local-commands.ts';
import type { Run } from '../../../cli/command-parts.ts';
import { addInit } from '../../../cli/installation/add-init.ts';
import { addCommands, createProgram } from '../../../cli/program.ts';
import { addConsole } from '../../../console/add-command.ts';
import { PAGES, readPage } from './pages.ts';

/** What a name in capitals, or a variable, is replaced by. */
const VALUES: Readonly<Record<string, string>> = {
  VERSION: '1.4.2',
  OLD: '1.4.1',
  ID: 'd1',
  PATH: './build',
  NUMBER: '4',
  RUNBOOK: 'logged-out',
  fleet: 'web',
  AWS_REGION: 'eu-west-1',
  REGION: 'eu-west-1',
  options: '--fleet web --region eu-west-1 --installation holdfast',
  GITHUB_REF_NAME: 'v1.4.2',
};

export interface Named {
  readonly file: string;
  readonly command: string;
}

export function createParser(): { readonly program: Command; readonly help: () => string } {
  let printed = '';
  const program = createProgram();
  const nothing: Run = async () => {};
  addLocalCommands(program, nothing);
  addInit(program, nothing);
  addConsole(program, nothing);
  addCommands(program, nothing);
  const quiet = (command: Command): void => {
    command.configureOutput({
      writeErr: () => {},
      writeOut: (text) => {
        printed += text;
      },
    });
    for (const one of command.commands) quiet(one);
  };
  quiet(program);
  return { program, help: () => printed };
}

/** @returns why the command line refuses it */
export async function refusal({ command }: Named): Promise<string | undefined> {
  const { program } = createParser();
  try {
    await program.parseAsync(words(command), { from: 'user' });
    return undefined;
  } catch (error) {
    return error instanceof CommanderError && error.exitCode === 0 ? undefined : (error as Error).message;
  }
}

/** As a shell splits it, with a value for each variable and for each name in capitals. */
function words(command: string): string[] {
  const filled = command
    .replaceAll(/\$\{?(\w+)\}?/g, (_, name: string) => VALUES[name] ?? name)
    .replaceAll(/(?<=^| )[A-Z]{2,}(?= |$)/g, (name) => VALUES[name] ?? name);
  return [...filled.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare ?? '');
}

/** The commands of a text, each up to what ends it in a shell or in a sentence. */
export const commandsIn = (file: string, text: string): Named[] =>
  [...text.matchAll(/(?:\.|node_modules\/\.bin)\/holdfast ([a-z-][^\n`]*)/g)].flatMap(([, rest = '']) => [
    ...[...rest.matchAll(/\$\(([^)]*)\)/g)].flatMap(([, inner = '']) => commandsIn(file, inner)),
    {
      file,
      command: (rest.replaceAll(/\$\([^)]*\)/g, 'd1').split(/ +#| +\||\)"|\)?;| && | > | 2>|\\n| ?…/)[0] ?? '').trim(),
    },
  ]);

/** Names of commands in sentences, which have no arguments there. */
export const MENTIONED: readonly string[] = ['releases publish', 'canary'];

/** With what the place of `d1` takes. A fault is of the local cloud, whose commands have the fleet alone. */
export function filledIn(command: string): string {
  return command
    .replace(/^(incidents (?:show|do|end)) (d1|ID)/, '$1 inc-00000000abcd')
    .replace(/^(incidents (?:do|end) \S+) (?:d1|NAME)/, '$1 restore-stickiness')
    .replace(/^deploys d1 ID/, 'deploys continue 7a51fb7e')
    .replace(/^incidents run d1/, 'incidents run logged-out')
    .replace('--lives d1', '--lives raise')
    .replace(/^advise d1/, 'advise --servers 3')
    .replace(/^(fault \w+) \$options/, '$1 --fleet web');
}

/** Of every page. */
export const pageCommands = (): Named[] =>
  PAGES.flatMap((file) => commandsIn(file, readPage(file)).map(({ command }) => ({ file, command: filledIn(command) })));

/** @returns what the command line refuses, with its reason */
export async function refusedCommands(named: readonly Named[]): Promise<string[]> {
  const refused: string[] = [];
  for (const one of named.filter(({ command }) => !MENTIONED.includes(command))) {
    const why = await refusal(one);
    if (why !== undefined) refused.push(`${one.file}: ${one.command}: ${why}`);
  }
  return refused;
}
