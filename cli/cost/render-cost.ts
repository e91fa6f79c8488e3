/** An estimate as text. Pure. */
import { counted } from '../../functions/shared/counted.ts';
import { table } from '../output.ts';
import { wrapLine } from '../wrap-line.ts';
import type { CostLine } from './cost-line.ts';
import { type Cost, MONTHLY_BUDGET_USD } from './estimate-cost.ts';

/** Columns that every terminal has. */
const COLUMNS = 80;

/**
 * The sums first, then each item by its share of them; lines of 80 columns at most.
 * @param all with the arithmetic of each line, its error and what is free, in lines as long as they are
 */
export function renderCost(cost: Cost, all = false): string {
  return (all ? allLines(cost) : shortLines(cost)).join('\n');
}

const sumsOf = ({ monthlyUsd, infrastructureUsd }: Cost): string[] => [
  `Holdfast        ${usd(monthlyUsd).trim().padStart(8)} USD per month; the budget for four servers is $${MONTHLY_BUDGET_USD}`,
  `infrastructure  ${usd(infrastructureUsd).trim().padStart(8)} USD per month, needed by any such fleet`,
];

/** What was estimated, by which prices, without a full stop. */
function subjectOf({ fleet, servers, deploysPerDay, region, pricesRegion, pricesAsOf }: Cost['assumptions']): string {
  const elsewhere = region === pricesRegion ? '' : `; prices in ${region} differ`;
  return `Fleet ${fleet}: ${counted(servers, 'server')}, ${counted(deploysPerDay, 'deploy')} per day. List prices of ${pricesRegion}, ${pricesAsOf}${elsewhere}`;
}

function shortLines(cost: Cost): string[] {
  const { notPriced } = cost.assumptions;
  const largest = (lines: readonly CostLine[]) =>
    lines.toSorted((a, b) => (b.monthly ?? Number.POSITIVE_INFINITY) - (a.monthly ?? Number.POSITIVE_INFINITY));
  const items = (lines: readonly CostLine[]) => largest(lines).map(({ item, monthly }) => [item, monthly === null ? '?' : usd(monthly)]);
  return [
    ...wrapLine(`${subjectOf(cost.assumptions)}.`, COLUMNS),
    '',
    ...sumsOf(cost),
    '',
    table([['HOLDFAST', HEADING], ...items(cost.lines), ['', ''], ['INFRASTRUCTURE', HEADING], ...items(cost.infrastructure)]),
    '',
    ...(notPriced.length === 0 ? [] : wrapLine(`Not in this estimate: ${notPriced.join(', ')}.`, COLUMNS)),
    'With --all: the arithmetic of each line, the error, what is free.',
  ];
}

function allLines(cost: Cost): string[] {
  const { monthlyUsd, infrastructureUsd, lines, infrastructure, assumptions } = cost;
  const { freeTier, free, usageErrorPercent, notSimulated, notPriced } = assumptions;
  const apart = notSimulated.map((what) => `; ${what}, and was not simulated`).join('');
  return [
    `${subjectOf(assumptions)}; ${freeTier}.`,
    '',
    ...sumsOf(cost),
    '',
    table([
      ['HOLDFAST', HEADING, 'ARITHMETIC'],
      ...lines.map(row),
      ['total', usd(monthlyUsd), `the budget for four servers is $${MONTHLY_BUDGET_USD}`],
      ['', '', ''],
      ['INFRASTRUCTURE', HEADING, 'needed by any such fleet'],
      ...infrastructure.map(row),
      ['total', usd(infrastructureUsd), 'without data transfer, backups and other usage of the application'],
    ]),
    '',
    `Error: ±${usageErrorPercent} % for what deploys use, from simulated deploys without faults${apart}; other executions enter each state once.`,
    `Free: ${free.join('; ')}.`,
    ...(notPriced.length === 0 ? [] : [`Not in this estimate: ${notPriced.join(', ')}.`]),
  ];
}

const HEADING = 'USD PER MONTH';

const row = ({ item, monthly, arithmetic, note }: CostLine): string[] => [
  item,
  monthly === null ? '?' : usd(monthly),
  note === null ? arithmetic : `${arithmetic} (${note})`,
];

/** Two decimals; an amount that rounds to 0 is shown as <0.01. */
function usd(amount: number): string {
  const text = amount > 0 && amount < 0.005 ? '<0.01' : amount.toFixed(2);
  return text.padStart(HEADING.length);
}
