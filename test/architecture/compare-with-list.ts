/** What each exception to a limit measures today: a file's lines, or a function's parameters. */
export type Exceptions = Readonly<Record<string, number>>;

/**
 * Compares what exceeds a limit with the list of exceptions. The list only shrinks: nothing is added to it, and no number in it is larger
 * than today's. Pure.
 * @returns for each difference what it is, and what to do
 */
export function compareWithList(found: Exceptions, listed: Exceptions): readonly string[] {
  return [...new Set([...Object.keys(found), ...Object.keys(listed)])].sort().flatMap((name) => {
    const [is, was] = [found[name], listed[name]];
    if (is === was) return [];
    if (is === undefined) return [`${name} keeps within the limit or has gone: remove it from the list`];
    if (was === undefined) return [`${name} has ${is}: split it, the list of exceptions only shrinks`];
    return [is > was ? `${name} grew from ${was} to ${is}: split it` : `${name} shrank from ${was} to ${is}: write ${is} into the list`];
  });
}
