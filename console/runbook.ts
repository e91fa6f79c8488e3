/** Sections of the operator's runbook. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { CommandFailure, EXIT } from '../cli/failure.ts';

const FILE = path.resolve(import.meta.dirname, '../docs/operator-runbook.md');

export interface RunbookSection {
  readonly markdown: string;
}

/** @throws CommandFailure NoSuchHeading */
export async function readRunbook(heading: string): Promise<RunbookSection> {
  const markdown = sectionOf(await readFile(FILE, 'utf8'), heading);
  if (markdown === undefined)
    throw new CommandFailure('NoSuchHeading', `the runbook has no heading ${JSON.stringify(heading)}`, EXIT.badInput);
  return { markdown };
}

/** The text below `## heading`, up to the next heading of that level. Links to other headings are changed to the console's own. */
export function sectionOf(text: string, heading: string): string | undefined {
  const lines = text.split('\n');
  const start = lines.indexOf(`## ${heading}`);
  if (start === -1) return undefined;
  let inCode = false;
  const length = lines.slice(start + 1).findIndex((line) => {
    if (line.startsWith('```')) inCode = !inCode;
    return !inCode && /^#{1,2} /.test(line);
  });
  return lines
    .slice(start + 1, length === -1 ? undefined : start + 1 + length)
    .join('\n')
    .replaceAll(/\]\(#([\w-]+)\)/g, '](#/runbook/$1)')
    .trim();
}
