/** Escapes with a letter that mean the same in JavaScript and in Python; for any other letter Python refuses the pattern. */
const SHARED_ESCAPES = 'bBdDsSwWfnrtvxu';

/**
 * What is wrong with a probe's pattern, as the end of a sentence; undefined for a right one. The pattern is compiled, but
 * never run: on the wrong text some patterns do not end.
 */
export function patternProblem(pattern: string): string | undefined {
  try {
    new RegExp(pattern);
  } catch {
    return 'which is not a regular expression';
  }
  const escapes = [...pattern.matchAll(/\\(.)/gs)].map(([, escaped = '']) => escaped);
  const unknown = escapes.find((escaped) => /[A-Za-z]/.test(escaped) && !SHARED_ESCAPES.includes(escaped));
  if (unknown !== undefined) return `whose \\${unknown} Python does not know`;
  const unescaped = pattern.replaceAll(/\\./gs, '');
  if (/\[\^?\]/.test(unescaped)) return 'whose empty brackets Python reads differently';
  const outsideBrackets = unescaped.replaceAll(/\[[^\]]*\]/g, '');
  if (/\(\?<(?![=!])/.test(outsideBrackets)) return 'whose named group Python does not know: use parentheses without a name';
  return /\((?!\?)/.test(outsideBrackets) ? undefined : 'which has no group: put the number in parentheses';
}
