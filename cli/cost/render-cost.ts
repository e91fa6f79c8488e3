/** An estimate as people read it. Pure. */
import { table } from '../output.ts';
import { MONTHLY_BUDGET_USD } from './budget.ts';
import type { Cost } from './estimate-cost.ts';
import type { CostLine } from './price-usage.ts';

export function renderCost({ monthlyUsd, besideUsd, lines, beside, assumptions }: Cost): string {
  const { fleet, servers, deploysADay, region, pricesRegion, pricesAsOf, freeTier, free, notPriced } = assumptions;
  const elsewhere = region === pricesRegion ? '' : `, although ${region} has its own`;
  return [
    `Fleet ${fleet}: ${servers} servers, ${deploysADay} deploys a day. List prices of ${pricesRegion}, ${pricesAsOf}${elsewhere}; ${freeTier}.`,
    '',
    table([
      ['HOLDFAST', 'USD A MONTH', 'ARITHMETIC'],
      ...lines.map(row),
      ['total', usd(monthlyUsd), `the budget for four servers is $${MONTHLY_BUDGET_USD}`],
      ['', '', ''],
      ['BESIDE IT', 'USD A MONTH', 'there with any such fleet'],
      ...beside.map(row),
      ['total', usd(besideUsd), 'without data transfer, backups and what the application uses'],
    ]),
    '',
    `Free: ${free.join('; ')}.`,
    ...(notPriced.length === 0 ? [] : [`Not in this estimate: ${notPriced.join(', ')}.`]),
  ].join('\n');
}

const row = ({ item, monthly, arithmetic, note }: CostLine): string[] => [
  item,
  monthly === null ? '?' : usd(monthly),
  note === null ? arithmetic : `${arithmetic} (${note})`,
];

/** Two decimals; what rounds to nothing is not nothing. */
function usd(amount: number): string {
  const text = amount > 0 && amount < 0.005 ? '<0.01' : amount.toFixed(2);
  return text.padStart('USD A MONTH'.length);
}
