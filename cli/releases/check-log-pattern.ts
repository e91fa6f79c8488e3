/** What server/documents/log_pattern.py refuses on the server, found when a release is published. */

/** Formats that servers know by name. */
const NAMED = new Set(['common', 'combined']);
const DIRECTIVE = /%[<>!0-9,]*(?:\{[^{}]*\})?(?:[A-Za-z]|\^t[io])|%%|\$(?:\{\w+\}|\w+)/g;
const TIME = /^(?:%[<>!0-9,]*(?:\{[^{}]*\})?t|\$\{?(?:time|time_local|time_iso8601|msec)\}?)$/;
const STATUS = /^(?:%[<>!0-9,]*s|\$\{?status\}?)$/;
/** `%q`, which begins with a question mark, may follow a path, but no other `%q`. */
const QUERY = '%q';

/** What is wrong with an access log's pattern, as the end of a sentence; undefined for a right one. */
export function logPatternProblem(pattern: string): string | undefined {
  if (NAMED.has(pattern)) return undefined;
  const found = [...pattern.matchAll(DIRECTIVE)].filter(([text]) => text !== '%%');
  if (!found.some(([text]) => TIME.test(text))) return 'which has no time: add %t, $time_local or $time';
  if (!found.some(([text]) => STATUS.test(text))) return 'which has no status: add %s or $status';
  const follower = found.find(({ index }, at) => {
    const before = found[at - 1];
    return before !== undefined && before.index + before[0].length === index && (found[at]?.[0] !== QUERY || before[0] === QUERY);
  });
  return follower && `whose ${follower[0]} has no character before it that separates it from another field`;
}
