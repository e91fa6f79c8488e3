/** A line of a bill: quantity times price. Pure. */
import type { Price } from './price-list.ts';
import { sumOf } from './sum.ts';

export type Category =
  | 'alarms'
  | 'metrics'
  | 'dashboards'
  | 'transitions'
  | 'functions'
  | 'logs'
  | 'requests'
  | 'storage'
  | 'network'
  | 'infrastructure';

export interface CostLine {
  readonly item: string;
  readonly category: Category;
  readonly quantity: number;
  readonly unit: string;
  /** US dollars for one unit; null where the list has no price. */
  readonly unitPrice: number | null;
  /** US dollars per month; null where the list has no price. */
  readonly monthly: number | null;
  readonly arithmetic: string;
  readonly note: string | null;
}

/** How many units, how that is calculated (for people), and what else a reader should know. */
export type Quantity = readonly [value: number, arithmetic?: string, note?: string];

export function lineOf(category: Category, item: string, [value, arithmetic = '', note]: Quantity, price: Price): CostLine {
  const { usd, per, unit } = price;
  const rate = per === 1 ? dollars(usd) : `${dollars(usd)} / ${per.toLocaleString('en-US')}`;
  return {
    item,
    category,
    quantity: value,
    unit,
    unitPrice: usd / per,
    monthly: Math.round((value * usd * 1e4) / per) / 1e4,
    arithmetic: `${show(value)} ${value === 1 ? unit.replace(/s$/, '') : unit} × ${rate}${arithmetic && `; ${arithmetic}`}`,
    note: note ?? null,
  };
}

/** US dollars per month, without the lines that have no price. */
export const totalOf = (lines: readonly CostLine[]): number => sumOf(lines.map(({ monthly }) => monthly ?? 0));

/** `$3`, `$0.10`, `$0.0225` */
const dollars = (usd: number): string => `$${Number.isInteger(usd * 10) && !Number.isInteger(usd) ? usd.toFixed(2) : usd}`;

/** `1,204`, `38.3`, `0.25`, `0.0032` */
export function show(value: number): string {
  if (value > 0 && value < 1) return value.toLocaleString('en-US', { maximumSignificantDigits: 2 });
  return value.toLocaleString('en-US', { maximumFractionDigits: value >= 100 ? 0 : value >= 10 ? 1 : 2 });
}
