/** A heading of the operator's runbook with what stands below it. */
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
  if (markdown === undefined) throw new CommandFailure('NoSuchHeading', `the runbook has no heading ${heading}`, EXIT.badInput);
  return { markdown };
}

/** What stands below `## heading`, up to the next of its kind; links to other headings lead to them in the console. */
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
