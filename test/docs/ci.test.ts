/** Commands of the pages for users of the package: they parse, and carry what finds their installation. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { addCommands, createProgram } from '../../cli/program.ts';
import { exitCodes, runLines } from './ci-page.ts';

const read = (page: string) => readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');

/** As a shell splits them: words, and words in quotes. */
const wordsOf = (command: string): string[] =>
  [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => (quoted ?? word ?? '').replace(/^\$\w+$/, 'v1.4.2'));

const commandsOf = (text: string): string[][] =>
  text
    .replace(/"\$\(([^)]*)\)"/g, '7a51fb7e\n$1')
    .split(/\n| \| /)
    .flatMap((part) => /npx --no holdfast (.*)/.exec(part)?.[1] ?? [])
    .map((command) => wordsOf(command));

describe('the pipeline', () => {
  it('has the lines that a release takes', () => {
    expect(runLines.map((line) => line.split(' ').slice(0, 4).join(' '))).toEqual(
      expect.arrayContaining([
        'npx --no holdfast config',
        'npx --no holdfast releases',
        'npx --no holdfast deploy',
        'npx --no holdfast rollback',
      ]),
    );
  });

  it('explains the exit codes', () => {
    expect(exitCodes).toEqual([0, 1, 2, 3, 6, 7]);
  });

  it.each(
    [
      ...runLines,
      ...read('terraform.md')
        .split('\n')
        .filter((line) => /^npx --no holdfast/.test(line)),
    ]
      .flatMap(commandsOf)
      .map((words) => ({ words })),
  )('parses $words', async ({ words }) => {
    let ran = false;
    const program = createProgram();
    addCommands(program, async () => {
      ran = true;
    });
    await program.parseAsync([...words, ...(words[0] === 'deploys' && words.length === 2 ? ['7a51fb7e'] : [])], { from: 'user' });
    expect(ran).toBe(true);
  });
});
