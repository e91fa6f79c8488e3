/** The one thing of a list. @param what for the error. @throws Error unless there is exactly one */
export function only<T>(found: readonly T[], what: string): T {
  const [one, more] = found;
  if (one === undefined || more !== undefined) throw new Error(`the templates have ${found.length} of ${what}, not one`);
  return one;
}
