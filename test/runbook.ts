import { readFileSync } from 'node:fs';
import path from 'node:path';
import { RUNBOOK_PAGES } from '../functions/shared/runbook.ts';

const DOCUMENTATION = path.resolve(import.meta.dirname, '../docs');
const readPage = (page: string): string => readFileSync(path.join(DOCUMENTATION, page), 'utf8');

/** Every page of the runbook by its path in the repository. */
export const runbookPages = (): Readonly<Record<string, string>> =>
  Object.fromEntries(RUNBOOK_PAGES.map((page) => [`docs/${page}`, readPage(page)]));

/** All of it. */
export const readRunbook = (): string => Object.values(runbookPages()).join('\n');

/** `docs/runbook/at-night.md#failover` of each heading, as alarms and rules link them. */
export const runbookAnchors = (): string[] =>
  Object.entries(runbookPages()).flatMap(([page, text]) =>
    [...text.replaceAll(/^ *```[\s\S]*?^ *```/gm, '').matchAll(/^#{1,6} (.+)$/gm)].map((match) => `${page}#${anchorOf(String(match[1]))}`),
  );

/** A heading's anchor on GitHub: lower case, without punctuation, a hyphen for each space. */
function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');
}
