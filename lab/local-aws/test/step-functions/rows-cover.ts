/** Which items of an inventory the table shows. Pure. */
import { type AnyDefinition, inventoryOf } from './inventory.ts';
import type { Row } from './row.ts';

/** ARNs of any function or machine that a row names. */
const ANY_ARNS: Readonly<Record<string, string>> = new Proxy(
  {},
  { get: (_, name) => `arn:aws:lambda:eu-west-1:111122223333:function:${String(name)}` },
);

/** What a row's own machines use. */
export const inventoryOfRow = ({ machines }: Row): string[] =>
  inventoryOf(
    Object.values(machines).map((machine): AnyDefinition => {
      const { states, timeoutSeconds } = machine(ANY_ARNS);
      const more = timeoutSeconds === undefined ? {} : { TimeoutSeconds: timeoutSeconds };
      return { StartAt: '', States: states as AnyDefinition['States'], ...more };
    }),
  );

export const coveredBy = (rows: readonly Row[]): ReadonlySet<string> => new Set(rows.flatMap(({ covers }) => covers));
