/** The code blocks of a page, and a block's commands as a shell takes them one after the other. */
import { spawnSync } from 'node:child_process';

/** As they are printed, without the list's indent. */
export const blocksOf = (page: string): string[] =>
  [...page.matchAll(/^( *)```[^\n]*\n(.*?)^ *```$/gms)].map(([, indent = '', text = '']) =>
    text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );

/** A command goes on while its line ends with a backslash, or bash finds it unfinished, as a loop before `done`. */
export function commandsOfBlock(block: string): string[] {
  const commands: string[] = [];
  let begun = '';
  for (const line of block.split('\n')) {
    begun += begun === '' ? line : `\n${line}`;
    if (line.endsWith('\\') || spawnSync('bash', ['-n', '-c', begun]).status !== 0) continue;
    if (begun.trim() !== '' && !begun.startsWith('#')) commands.push(begun);
    begun = '';
  }
  if (begun !== '') throw new Error(`not a whole command: ${begun}`);
  return commands;
}
