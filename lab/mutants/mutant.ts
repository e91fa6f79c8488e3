/** Faults that are planted to measure the tests. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { changeText } from '../simulation/plants/plant-hook.ts';

/** Where a mutant comes from: the simulation's plants, faults that this repository once had, or a seed's draw. */
export type Kind = 'plant' | 'historic' | 'generated';

export interface Edit {
  /** From the repository's root. */
  readonly file: string;
  /** Is in the file exactly once, and may have several lines. */
  readonly text: string;
  readonly becomes: string;
}

export interface Mutant {
  /** Its kind and place, or its name: the same for the same mutant in every run. */
  readonly id: string;
  readonly kind: Kind;
  /** The file of the first edit. */
  readonly file: string;
  /** Line of the first edit's text, from 1. */
  readonly line: number;
  /** For people: what is wrong, or `old → new`. */
  readonly change: string;
  readonly edits: readonly Edit[];
}

/**
 * Makes the mutant in a copy of the checkout, so that whatever reads its files sees it.
 * @returns a function that puts the files back as they were
 * @throws PlantDoesNotApply unless each text is in its file exactly once; then no file is changed
 */
export function make({ edits, change }: Mutant, checkout: string): () => void {
  const before = new Map<string, string>();
  const after = new Map<string, string>();
  for (const edit of edits) {
    const file = path.join(checkout, edit.file);
    const source = after.get(file) ?? readFileSync(file, 'utf8');
    if (!before.has(file)) before.set(file, source);
    after.set(file, changeText(source, { ...edit, name: change }));
  }
  for (const [file, source] of after) writeFileSync(file, source);
  return () => {
    for (const [file, source] of before) writeFileSync(file, source);
  };
}

/** @returns the line of a text in its file, from 1; undefined unless the file is there, and has it exactly once */
export function lineOf({ file, text }: Edit, checkout: string): number | undefined {
  const place = path.join(checkout, file);
  const [before, ...after] = existsSync(place) ? readFileSync(place, 'utf8').split(text) : [];
  return after.length === 1 ? (before as string).split('\n').length : undefined;
}

/** @returns the first line that an edit changes, in the file as it is now; undefined as for {@link lineOf} */
export function lineOfChange(edit: Edit, checkout: string): number | undefined {
  const first = lineOf(edit, checkout);
  const becomes = edit.becomes.split('\n');
  const kept = edit.text.split('\n').findIndex((line, index) => line !== becomes[index]);
  return first === undefined ? undefined : first + Math.max(0, kept);
}

/** One whole line, or as many lines around it as make it the only one of its kind in the source. */
export function editAt(
  source: string,
  file: string,
  change: { readonly from: number; readonly to: number; readonly becomes: string },
): Edit {
  let start = source.lastIndexOf('\n', change.from - 1) + 1;
  let end = lineEnd(source, change.to);
  while (source.split(source.slice(start, end)).length > 2) {
    if (start > 0) start = source.lastIndexOf('\n', start - 2) + 1;
    end = lineEnd(source, Math.min(end + 1, source.length));
  }
  const text = source.slice(start, end);
  return { file, text, becomes: source.slice(start, change.from) + change.becomes + source.slice(change.to, end) };
}

function lineEnd(source: string, from: number): number {
  const end = source.indexOf('\n', from);
  return end === -1 ? source.length : end;
}
