/** Removes the comparisons from an alert's expression. Pure. */

/** Operators between two vectors that each return their own samples. */
const SET_OPERATORS = ['and', 'or', 'unless'];
const COMPARISONS = ['==', '!=', '>=', '<=', '>', '<'];
/** A threshold: `0.8`, `6 * 3600`. */
const NUMBERS_ONLY = /^[\d\s.eE+\-*/()]+$/;
const MATCHING = /^(?:on|ignoring)\s*\([^)]*\)/;

/** An expression whose comparisons cannot be determined. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
}

/**
 * The vectors that an alert compares: `a / b > 0.8 and c > 1` gives `a / b` and `c`. On a healthy store an alert returns
 * nothing, so these show whether it could ever fire.
 *
 * @param expression PromQL with its comparisons at the top, or in brackets around the whole of an operand, each with a number
 * @returns at least one expression that holds no comparison
 * @throws ExpressionError with the part that is written differently
 */
export function leftHandSides(expression: string): string[] {
  const text = stripBrackets(expression.trim());
  const marks = marksAtTop(text);
  const set = marks.filter(({ word }) => SET_OPERATORS.includes(word));
  if (set.length > 0) return operands(text, set).flatMap(leftHandSides);
  const [comparison, second] = marks;
  if (comparison === undefined) {
    if (text === '' || allMarks(text).some(({ word }) => COMPARISONS.includes(word)))
      throw new ExpressionError(`${expression}: put the comparison at the top level, not within an operand`);
    return [text];
  }
  const threshold = text.slice(comparison.end);
  if (second !== undefined || !NUMBERS_ONLY.test(threshold))
    throw new ExpressionError(`${expression}: compare once, and with a number instead of ${threshold.trim()}`);
  return leftHandSides(text.slice(0, comparison.start));
}

interface Mark {
  readonly word: string;
  readonly start: number;
  readonly end: number;
  /** Brackets that are open. */
  readonly depth: number;
}

function operands(text: string, marks: readonly Mark[]): string[] {
  const starts = [0, ...marks.map(({ end }) => end)];
  const ends = [...marks.map(({ start }) => start), text.length];
  return starts.map((start, index) => text.slice(start, ends[index]).trim().replace(MATCHING, ''));
}

const marksAtTop = (text: string): Mark[] => allMarks(text).filter(({ depth }) => depth === 0);

/** Set operators and comparisons outside of strings, selectors and ranges. */
function allMarks(text: string): Mark[] {
  const token =
    /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|\{(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^}])*\}|\[[^\]]*\]|[()]|[=!<>]=|[<>]|[A-Za-z_:][\w:]*/g;
  const marks: Mark[] = [];
  let depth = 0;
  for (const { 0: word, index: start } of text.matchAll(token)) {
    if (word === '(') depth += 1;
    else if (word === ')') depth -= 1;
    else if (SET_OPERATORS.includes(word) || COMPARISONS.includes(word)) marks.push({ word, start, end: start + word.length, depth });
  }
  return marks;
}

/** `(a or b)` is `a or b`; `(a) or (b)` stays. */
function stripBrackets(text: string): string {
  if (!text.startsWith('(') || !text.endsWith(')')) return text;
  let depth = 0;
  for (const [index, character] of [...text].entries()) {
    if (character === '(') depth += 1;
    else if (character === ')') depth -= 1;
    if (depth === 0 && index < text.length - 1) return text;
  }
  return stripBrackets(text.slice(1, -1).trim());
}
