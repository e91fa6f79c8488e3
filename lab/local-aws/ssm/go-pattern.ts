/** What the agent's regular expressions, which are Go's, refuse of a JavaScript one. The agent compiles the patterns of every parameter. */

/** The largest repetition count in Go's package regexp/syntax, for one repetition and for the product of nested ones. */
const MOST_REPEATS = 1_000;

/** Escapes of letters and digits that both languages have; Go refuses others: back references, \c, \u. */
const ESCAPES = /^[bBdDsSwWfnrtvx0]$/;
/** Escapes inside a character class: those of positions, `\b` and `\B`, are not allowed there. */
const ESCAPES_IN_CLASS = /^[dDsSwWfnrtvx0]$/;
/** An escape, a class, the begin of a group with its marks, a counted repetition, another character. */
const TOKEN = /\\.|\[\^?(?:\\.|[^\]\\])*\]|\((?:\?(?:[:=!]|<[=!]|<[A-Za-z_]\w*>))?|\{\d+(?:,\d*)?\}|[\s\S]/g;

/**
 * @param pattern a regular expression of JavaScript, without flags
 * @returns why Go does not compile it; undefined when it does
 * @see https://github.com/google/re2/wiki/Syntax
 */
export function whyGoRefuses(pattern: string): string | undefined {
  /** For each open group: the largest product of repetitions in it so far, and the product in its last part. */
  const open = [{ most: 1, last: 1 }];
  for (const [token] of pattern.matchAll(TOKEN)) {
    const group = open.at(-1) ?? { most: 1, last: 1 };
    const repeats = /^\{(\d+)(?:,(\d*))?\}$/.exec(token);
    if (repeats) {
      const count = Number(repeats[2] || repeats[1]);
      if (count > MOST_REPEATS || count * group.last > MOST_REPEATS) return `invalid repeat count: ${token}`;
      group.last *= Math.max(1, count);
      group.most = Math.max(group.most, group.last);
    } else if (token.startsWith('(')) {
      if (/^\(\?<?[=!]/.test(token)) return `invalid or unsupported Perl syntax: ${token}`;
      open.push({ most: 1, last: 1 });
    } else if (token === ')') {
      open.pop();
      const outer = open.at(-1);
      if (outer) outer.last = group.most;
      if (outer) outer.most = Math.max(outer.most, group.most);
    } else if (!/^[*+?]$/.test(token)) {
      const wrong = wrongEscape(token);
      if (wrong !== undefined) return `invalid escape sequence: ${wrong}`;
      if (/^\[\^?\]$/.test(token)) return 'missing closing ]';
      group.last = 1;
    }
  }
  return undefined;
}

/** What is wrong with an escape, or with the escapes in a character class; undefined for one that Go's regular expressions have. */
function wrongEscape(token: string): string | undefined {
  const allowed = token.startsWith('[') ? ESCAPES_IN_CLASS : ESCAPES;
  return [...token.matchAll(/\\(.)/g)].find(([, letter = '']) => /[A-Za-z0-9]/.test(letter) && !allowed.test(letter))?.[0];
}
