/** `1 server`, `2 servers`, `1 entry`, `2 entries`: a number and what it counts. @param plural where it is not with an s or ies at the end */
export function counted(count: number, one: string, plural = pluralOf(one)): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : plural}`;
}

const pluralOf = (one: string): string => (/[^aeiou]y$/.test(one) ? `${one.slice(0, -1)}ies` : `${one}s`);
