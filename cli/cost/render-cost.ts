/** An estimate as text. Pure. */
import { counted } from '../../functions/shared/counted.ts';
import { table } from '../output.ts';
import { wrapLine } from '../wrap-line.ts';
import { type Cost, MONTHLY_BUDGET_USD, STORE_BUDGET_USD } from './estimate-cost.ts';
import type { CostLine } from './prices.ts';

/** Columns that every terminal has. */
const COLUMNS = 80;
const HEADING = 'USD PER MONTH';
const SHORT = 'With --all: the arithmetic of each line, the error, what is free.';

/**
 * The sums first, then each item by its share of them; lines of 80 columns at most.
 * @param all with the arithmetic of each line, its error and what is free, in lines as long as they are
 */
export function renderCost(
  { monthlyUsd, withoutFreeDashboardsUsd, infrastructureUsd, lines, infrastructure, assumptions }: Cost,
  all = false,
) {
  const { installation, fleets, servers, deploysPerDay, region, pricesRegion, pricesAsOf, freeTier, free, notPriced } = assumptions;
  const prices = `List prices of ${pricesRegion}, ${pricesAsOf}${region === pricesRegion ? '' : `; prices in ${region} differ`}`;
  const isAlone = fleets.length === 0;
  const size = `${counted(servers, 'server')}, ${counted(deploysPerDay, 'deploy')} per day`;
  const [what, budget] = isAlone
    ? ['A session store without fleets', `the budget of a store is $${STORE_BUDGET_USD}`]
    : fleets.length === 1
      ? [`Fleet ${fleets[0]}: ${size}`, `the budget for four servers is $${MONTHLY_BUDGET_USD}`]
      : [`Installation ${installation}, ${fleets.length} fleets: ${size} each`, 'what they share counts once'];
  const subject = `${what}. ${prices}`;
  const sum = (name: string, amount: number, note: string) => `${name.padEnd(16)}${usd(amount).trim().padStart(8)} USD per month${note}`;
  const sums = [
    sum('Holdfast', monthlyUsd, `; ${budget}`),
    sum('', withoutFreeDashboardsUsd, ', if other dashboards use up the free ones'),
    ...(isAlone ? [] : [sum('infrastructure', infrastructureUsd, ', needed by any such fleet')]),
  ];
  const missing = notPriced.length === 0 ? [] : [`Not in this estimate: ${notPriced.join(', ')}.`];
  const whole = ({ item, monthly, arithmetic, note }: CostLine) => [item, usd(monthly), arithmetic + (note === null ? '' : ` (${note})`)];
  const largestFirst = (some: readonly CostLine[]) =>
    some.toSorted((a, b) => (b.monthly ?? Infinity) - (a.monthly ?? Infinity)).map(({ item, monthly }) => [item, usd(monthly)]);
  const withInfrastructure = (...rows: string[][]): string[][] => (isAlone ? [] : rows);
  const rows = all
    ? [
        ['HOLDFAST', HEADING, 'ARITHMETIC'],
        ...lines.map(whole),
        ['total', usd(monthlyUsd), budget],
        ...withInfrastructure(['', '', ''], ['INFRASTRUCTURE', HEADING, 'needed by any such fleet'], ...infrastructure.map(whole), [
          'total',
          usd(infrastructureUsd),
          'without data transfer, backups and other usage of the application',
        ]),
      ]
    : [
        ['HOLDFAST', HEADING],
        ...largestFirst(lines),
        ...withInfrastructure(['', ''], ['INFRASTRUCTURE', HEADING], ...largestFirst(infrastructure)),
      ];
  const error =
    'Error: deploys are counted by their settings, without faults, and waits for sessions to their end; other executions enter each state once.';
  const [above, below] = all
    ? [[`${subject}; ${freeTier}.`], [error, `Free: ${free.join('; ')}.`, ...missing]]
    : [wrapLine(`${subject}.`, COLUMNS), [...missing.flatMap((line) => wrapLine(line, COLUMNS)), SHORT]];
  return [...above, '', ...sums, '', table(rows), '', ...below].join('\n');
}

/** Two decimals; an amount that rounds to 0 is shown as <0.01, and a line without a price as ?. */
function usd(amount: number | null): string {
  if (amount === null) return '?';
  return (amount > 0 && amount < 0.005 ? '<0.01' : amount.toFixed(2)).padStart(HEADING.length);
}
