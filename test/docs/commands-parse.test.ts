/** Each command that pages, help and messages name is one that the command line accepts: its own program parses it. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { REPOSITORY } from '../infra/synthesized.ts';
import { commandsIn, createParser, filledIn, pageCommands, refusal, refusedCommands } from './check/commands.ts';

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
          .replaceAll(/(?:\$\{)?\b(?:holdfast|commandFor)\((?:\w+, )?['`]/g, './holdfast ')
          .replaceAll(/\$\{(?:options(?:Of\([^)]*\))?|OWN_OPTIONS)\}/g, '$options')
          .replaceAll(/\$\{[^{}]*[vV]ersion\}|\$\{record\.from\}/g, '1.4.2')
          .replaceAll(/\$\{[^{}]*instance\w*\}/gi, 'i-0123456789abcdef0')
          .replaceAll(/\$\{\w*[iI]ncidentId\}/g, 'inc-00000000abcd')
          .replaceAll(/\$\{[^{}]*\}/g, 'd1'),
      ).map(({ command }) => ({ file, command: filledIn(command.replace(/["'].*$|[.,:;)]+( .*)?$|\$\{.*$/, '').trim()) })),
    );
  })
  // An example of the help, which is read below.
  .filter(({ command }) => !['', 'd1', 'd1 $options'].includes(command));

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
    ['pages', pageCommands(), 100],
    ['messages', messages, 20],
    ['help', helps, 60],
  ])('in %s is one that the command line accepts', async (_, named, least) => {
    expect(named.length).toBeGreaterThan(least);
    expect(await refusedCommands(named)).toEqual([]);
  });

  it('would be found, if it were not', async () => {
    for (const command of ['deploi 1.0.0', 'deploy', 'status --regoin eu-west-1', 'deploys show a/b', 'sweep --lives never'])
      expect(await refusal({ file: '', command }), command).toBeTypeOf('string');
  });
});
