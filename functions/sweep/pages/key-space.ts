/** Parts of a node's key space, each with a cursor of its own. Pure. */

/** A part of the key space, and how far it is read. */
export interface Part {
  /** Of the next page; valid on one run of one node only. */
  readonly cursor: string;
  /** Cursor that the next part starts at; `0`: the end of the key space. */
  readonly until: string;
  /** Keys of the pages so far. */
  readonly keys: number;
  readonly isDone: boolean;
}

export const WHOLE: Part = { cursor: '0', until: '0', keys: 0, isDone: false };

/** The part after a page whose reply had this cursor. */
export function advance(part: Part, cursor: string, keys: number): Part {
  return { ...part, cursor, keys: part.keys + keys, isDone: cursor === '0' };
}

export const isSamePosition = (some: readonly Part[], others: readonly Part[]): boolean =>
  some.length === others.length && some.every(({ cursor, isDone }, at) => cursor === others[at]?.cursor && isDone === others[at].isDone);
