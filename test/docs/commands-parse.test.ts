/** Each command that pages, help and messages name is one that the command line accepts: its own program parses it. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Command, CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { addLocalCommands } from '../../bin/local-commands.ts';
import type { Run } from '../../cli/command-parts.ts';
import { addInit } from '../../cli/installation/add-init.ts';
import { addCommands, createProgram } from '../../cli/program.ts';
import { REPOSITORY } from '../infra/synthesized.ts';

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

interface Named {
  readonly file: string;
  readonly command: string;
}

function createParser(): { readonly program: Command; readonly help: () => string } {
  let printed = '';
  const program = createProgram();
  const nothing: Run = async () => {};
  addLocalCommands(program, nothing);
  addInit(program, nothing);
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
async function refusal({ command }: Named): Promise<string | undefined> {
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
const commandsIn = (file: string, text: string): Named[] =>
  [...text.matchAll(/npx(?: --no)?(?: --)? holdfast ([a-z-][^\n`]*)/g)].flatMap(([, rest = '']) => [
    ...[...rest.matchAll(/\$\(([^)]*)\)/g)].flatMap(([, inner = '']) => commandsIn(file, inner)),
    {
      file,
      command: (rest.replaceAll(/\$\([^)]*\)/g, 'd1').split(/ +#| +\||\)"|\)?;| && | > | 2>|\\n| ?…/)[0] ?? '').trim(),
    },
  ]);

const pages = ['README.md', ...globSync('docs/**/*.md', { cwd: REPOSITORY })].flatMap((file) =>
  commandsIn(file, readFileSync(path.join(REPOSITORY, file), 'utf8')).map(({ command }) => ({ file, command: filledIn(command) })),
);

/** In a message a command ends with its quotation mark or with the sentence; what is filled in is an option or an id. */
const messages = ['cli', 'functions', 'infra', 'server', 'lab/demo', 'lab/local-aws', 'setup', 'bin', 'package']
  .flatMap((folder) => globSync(`${folder}/**/*.{ts,mjs}`, { cwd: REPOSITORY }))
  .flatMap((file) => {
    const lines = readFileSync(path.join(REPOSITORY, file), 'utf8')
      .split('\n')
      .filter((line) => !/^\s*(\/\*\*?|\*|\/\/)/.test(line));
    return lines.flatMap((line) =>
      commandsIn(
        file,
        line
          .replaceAll(/\$\{(?:options(?:Of\([^)]*\))?|OWN_OPTIONS)\}/g, '$options')
          .replaceAll(/\$\{[^{}]*[vV]ersion\}|\$\{record\.from\}/g, '1.4.2')
          .replaceAll(/\$\{[^{}]*instance\w*\}/gi, 'i-0123456789abcdef0')
          .replaceAll(/\$\{\w*[iI]ncidentId\}/g, 'inc-00000000abcd')
          .replaceAll(/\$\{[^{}]*\}/g, 'd1'),
      ).map(({ command }) => ({ file, command: filledIn(command.replace(/["'].*$|[.,:;)]+( .*)?$|\$\{.*$/, '').trim()) })),
    );
  })
  // An example of the help, which is read below.
  .filter(({ command }) => !['', 'd1'].includes(command));

/** Names of commands in sentences, which have no arguments there. */
const MENTIONED: readonly string[] = ['releases publish', 'canary'];

/** With what the place of `d1` takes. A fault is of the local cloud, whose commands have the fleet alone. */
function filledIn(command: string): string {
  return command
    .replace(/^(incidents (?:show|approve|deny|release)) (d1|ID)/, '$1 inc-00000000abcd')
    .replace(/^(incidents (?:approve|deny) \S+) d1/, '$1 restore-stickiness')
    .replace(/^deploys d1 ID/, 'deploys continue 7a51fb7e')
    .replace(/^incidents run d1/, 'incidents run logged-out')
    .replace('--lives d1', '--lives raise')
    .replace(/^advise d1/, 'advise --servers 3')
    .replace(/^(fault \w+) \$options/, '$1 --fleet web');
}

const helps = (() => {
  const { program, help } = createParser();
  const show = (command: Command): void => {
    command.outputHelp();
    for (const one of command.commands) show(one);
  };
  show(program);
  return commandsIn('help', help());
})();

describe('each command that is named', () => {
  it.each([
    ['pages', pages, 100],
    ['messages', messages, 20],
    ['help', helps, 60],
  ])('in %s is one that the command line accepts', async (_, named, least) => {
    expect(named.length).toBeGreaterThan(least);
    const refused: string[] = [];
    for (const one of named.filter(({ command }) => !MENTIONED.includes(command))) {
      const why = await refusal(one);
      if (why !== undefined) refused.push(`${one.file}: ${one.command}: ${why}`);
    }
    expect(refused).toEqual([]);
  });

  it('would be found, if it were not', async () => {
    for (const command of ['deploi 1.0.0', 'deploy', 'status --regoin eu-west-1', 'deploys show a/b', 'sweep --lives never'])
      expect(await refusal({ file: '', command }), command).toBeTypeOf('string');
  });
});
