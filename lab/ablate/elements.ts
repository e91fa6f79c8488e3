/**
 * What a table is made of, as data: each item of a row's lists, each function that it can do without, and the row itself. An element is
 * taken out in place, so that all who read the table read it without that, and put back. It knows fields, and no row: a table whose rows change has
 * other elements, and needs no change here.
 */
type Row = Record<string, unknown>;

export interface Table {
  /** `rows` */
  readonly name: string;
  readonly rows: readonly object[];
  /** What a row is called. */
  readonly nameOf: (row: never) => string;
  /** Paths of fields: of a list each item is an element, of anything else the field. A field that a row does not have is none. */
  readonly fields: readonly string[];
  /** Whether a row as a whole is an element. @default true */
  readonly wholeRows?: boolean;
  /** Whether a row can change what a runbook finds. @default it can */
  readonly concerns?: (row: never, runbook: string) => boolean;
}

export interface Element {
  /** `stickiness-off needs[0]` */
  readonly name: string;
  /** Of which table and row it is: pairs are within one. */
  readonly row: string;
  readonly field: string;
  /** In words, where it has any. */
  readonly asks?: string;
  readonly concerns: (runbook: string) => boolean;
  /** Takes it out, until the function that it returns is called. */
  readonly remove: () => () => void;
}

export const elementsOf = ({ name: table, rows, nameOf, fields, wholeRows = true, concerns = () => true }: Table): readonly Element[] =>
  rows.flatMap((one) => {
    const row = `${table} ${nameOf(one as never)}`;
    const whole = { name: row, row, field: 'row', remove: () => withoutItem(rows as object[], one) };
    const all = [...(wholeRows ? [whole] : []), ...fields.flatMap((field) => ofField(one as Row, row, field))];
    return all.map((element) => ({ ...element, concerns: (runbook: string) => concerns(one as never, runbook) }));
  });

function ofField(one: Row, row: string, field: string): readonly Omit<Element, 'concerns'>[] {
  const value = field.split('.').reduce<unknown>((at, key) => (at as Row | undefined)?.[key], one);
  if (value === undefined) return [];
  if (!Array.isArray(value)) return [{ name: `${row} ${field}`, row, field, remove: () => withField(one, field, () => undefined) }];
  return value.map((item: unknown, at) => ({
    ...{ name: `${row} ${field}[${typeof item === 'string' ? item : at}]`, row, field },
    ...(typeof item === 'object' && item !== null && 'name' in item && { asks: String(item.name) }),
    // By identity: of a pair, the first that is taken out moves the second.
    remove: () => withField(one, field, (items) => (items as unknown[]).filter((other) => other !== item)),
  }));
}

/** What two rows share is changed in one alone: each object on the path is another one. */
function withField(one: Row, field: string, change: (value: unknown) => unknown): () => void {
  const [first, ...others] = field.split('.') as [string, ...string[]];
  const before = one[first];
  one[first] = changed(before, others, change);
  return () => {
    one[first] = before;
  };
}

const changed = (value: unknown, [key, ...others]: readonly string[], change: (value: unknown) => unknown): unknown =>
  key === undefined ? change(value) : { ...(value as Row), [key]: changed((value as Row)[key], others, change) };

function withoutItem(rows: object[], one: object): () => void {
  const at = rows.indexOf(one);
  if (at >= 0) rows.splice(at, 1);
  return () => {
    if (at >= 0) rows.splice(at, 0, one);
  };
}
