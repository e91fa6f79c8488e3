/** A line in as many rows of a terminal as it needs. Pure. */
import { sumOf } from '../functions/shared/arithmetic.ts';

/** Terminals that are no wider are asked for no word in one row. */
const LEAST_COLUMNS = 10;
/** Where a terminal does not know its width, as some of containers and editors do not. */
const USUAL_COLUMNS = 80;

/** Letters of East Asian scripts in their full width, and emoji: two columns each. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;
/** Accents and joiners, which are drawn over the letter before. */
const NARROW = /[\p{M}\p{Cf}]/u;

/** How many columns a text takes. */
export const columnsOf = (text: string): number => sumOf([...text], (letter) => (NARROW.test(letter) ? 0 : WIDE.test(letter) ? 2 : 1));

/** How many rows a terminal needs for a text that is written without a line feed. */
export const rowsOf = (text: string, columns: number): number => Math.max(1, Math.ceil(columnsOf(text) / (columns || USUAL_COLUMNS)));

/**
 * The rows of a line: broken between words, and within a word only where it is longer than a row. The second row on is indented by two more.
 * The last column stays free: some terminals begin a new row once it is written.
 */
export function wrapLine(text: string, columns: number): string[] {
  const width = Math.max(LEAST_COLUMNS, (columns || USUAL_COLUMNS) - 1);
  const own = /^ */.exec(text)?.[0] ?? '';
  const indent = ' '.repeat(Math.min(own.length + 2, Math.floor(width / 4)));
  const rows: string[] = [];
  let row = own;
  let isEmpty = true;
  const next = () => {
    rows.push(row);
    row = indent;
    isEmpty = true;
  };
  // Spaces within a line are columns of a table: as many stay as were there.
  for (const part of text.slice(own.length).match(/ *[^ ]+/g) ?? []) {
    const word = part.trimStart();
    if (!isEmpty && columnsOf(row + part) > width) next();
    let rest = isEmpty ? word : part;
    while (columnsOf(row + rest) > width) {
      const head = fitting(rest, width - columnsOf(row));
      row += head;
      rest = rest.slice(head.length);
      next();
    }
    row += rest;
    isEmpty = false;
  }
  return [...rows, row];
}

/** The beginning of a text that fits, at least one letter. */
function fitting(text: string, width: number): string {
  let head = '';
  for (const letter of text) {
    if (head !== '' && columnsOf(head + letter) > width) break;
    head += letter;
  }
  return head;
}
