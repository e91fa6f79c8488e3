import { closestMatch } from 'leven';

/** ` Did you mean web?`, where one of the known names is close to what was written; empty otherwise. */
export function didYouMean(written: string, known: readonly string[]): string {
  const found = sameWords(written, known) ?? closest(written, known);
  return found === undefined ? '' : ` Did you mean ${found}?`;
}

function closest(written: string, known: readonly string[]): string | undefined {
  // Two letters that changed places are two edits. Of a short word, at least one letter has to be right.
  const maxDistance = Math.min(written.length - 1, Math.max(2, Math.floor(written.length / 3)));
  return maxDistance < 1 ? undefined : closestMatch(written, known, { maxDistance });
}

/** `secondsQuiet` for `quietSeconds`, `Min_Capacity` for `minCapacity`: many edits, and the same words. */
const sameWords = (written: string, known: readonly string[]): string | undefined =>
  known.find((name) => name !== written && wordsOf(name) === wordsOf(written));

const wordsOf = (name: string): string =>
  name
    .split(/(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+/)
    .map((word) => word.toLowerCase())
    .sort()
    .join(' ');
