/** The sizes of what a call or a template gives, by the table of limits. */
import { isRecord } from '../json.ts';
import { type FieldLimit, LIMITS, MEASURES, type OperationLimits } from './service-limits.ts';

/** One value's size, next to its limit. */
export interface Measured extends FieldLimit {
  readonly field: string;
  readonly size: number;
  readonly limits: OperationLimits;
}

/** What a path leads to; a list's items each. */
function valuesAt(input: unknown, path: string): unknown[] {
  const steps = path.replace(/!$/, '').split('.');
  return steps.reduce<unknown[]>(
    (found, step) => {
      const [, name = '', isList, having] = /^(\w+)(?:(\[)(\w*)\])?$/.exec(step) ?? [];
      const values = found.flatMap((one) => (isRecord(one) && one[name] !== undefined ? [one[name]] : []));
      if (isList === undefined) return values;
      const items = values.filter(Array.isArray);
      return having === '' ? items.flat() : items.map((list) => list.filter((one) => isRecord(one) && one[having ?? ''] !== undefined));
    },
    [input],
  );
}

const isFor = ({ where }: OperationLimits, input: unknown): boolean =>
  where === undefined || where.values.includes(isRecord(input) ? (input[where.field] as string | undefined) : undefined);

const measured = (limits: OperationLimits, input: unknown, inTemplate: boolean): Measured[] =>
  Object.entries(isFor(limits, input) ? limits.fields : {}).flatMap(([field, limit]) =>
    valuesAt(input, (inTemplate && limit.property) || field).map((value) => ({
      ...limit,
      field,
      limits,
      size: MEASURES[limit.measure](value),
    })),
  );

/** @param input of a call */
export const measureCall = (service: string, operation: string, input: unknown): Measured[] =>
  LIMITS.filter((one) => one.service === service && one.operations.includes(operation)).flatMap((one) => measured(one, input, false));

/** @param properties of a resource in a template, without intrinsic functions */
export const measureResource = (type: string, properties: unknown): Measured[] =>
  LIMITS.filter((one) => one.type === type).flatMap((one) => measured(one, properties, true));

export const isOver = ({ size, most }: { readonly size: number; readonly most: number }): boolean => size > most;
