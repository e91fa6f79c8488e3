/** What docs/configuration.md says about keys: the descriptions of the JSON Schema. */

/** The tables of the page, by heading, and the path of the keys in their first column. */
export const KEY_TABLES: Readonly<Record<string, string>> = {
  Installation: '',
  'A created store': 'store',
  'Sessions without a fleet': 'store',
  'A fleet': 'fleets.*',
  'Incidents of a fleet': 'fleets.*.incidents',
  'Sessions of a fleet': 'fleets.*.sessions',
  'Times of a deploy': 'fleets.*.deploy',
};

/** Heading of a table's first column that names another parent: "key of `reLoginPage`". */
const OTHER_PARENT = /^key of `(\w+)`$/;

/** The meaning of each documented key, by its path, as plain text. A row can name several keys. */
export function describedKeys(page: string): ReadonlyMap<string, string> {
  const described = new Map<string, string>();
  for (const section of page.split(/^## /m).slice(1)) {
    const parent = KEY_TABLES[section.slice(0, section.indexOf('\n'))];
    if (parent === undefined) continue;
    for (const table of section.split(/\n\n/).filter((text) => text.startsWith('| key'))) {
      const [head = '', , ...rows] = table.trim().split('\n');
      const named = OTHER_PARENT.exec(cellsOf(head)[0] ?? '')?.[1];
      const base = named !== undefined && !parent.endsWith(named) ? `${parent}.${named}` : parent;
      for (const row of rows) {
        const [keys = '', , meaning = ''] = cellsOf(row);
        for (const [, key] of keys.matchAll(/`(\w+)`/g)) described.set(base === '' ? `${key}` : `${base}.${key}`, plain(meaning));
      }
    }
  }
  return described;
}

const cellsOf = (row: string): string[] =>
  row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

/** Without links and code marks. */
const plain = (text: string): string => text.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('`', '');
