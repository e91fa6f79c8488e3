import { readFileSync } from 'node:fs';
import path from 'node:path';

export const RUNBOOK = 'docs/operator-runbook.md';

export const readRunbook = (): string => readFileSync(path.resolve(import.meta.dirname, '..', RUNBOOK), 'utf8');

/** The anchors of the runbook's headings, as alarms and rules link them. */
export function runbookAnchors(): string[] {
  const text = readRunbook().replaceAll(/^```[\s\S]*?^```/gm, '');
  return [...text.matchAll(/^#{1,6} (.+)$/gm)].map((match) => anchorOf(String(match[1])));
}

/** A heading's anchor on GitHub: lower case, without punctuation, a hyphen for each space. */
function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');
}
