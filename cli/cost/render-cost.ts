/** An estimate as text. Pure. */
import { table } from '../output.ts';
import type { CostLine } from './cost-line.ts';
import { type Cost, MONTHLY_BUDGET_USD } from './estimate-cost.ts';

export function renderCost({ monthlyUsd, infrastructureUsd, lines, infrastructure, assumptions }: Cost): string {
  const { fleet, servers, deploysPerDay, region, pricesRegion, pricesAsOf, freeTier, free, usageErrorPercent, notSimulated, notPriced } =
    assumptions;
  const apart = notSimulated.map((what) => `; ${what}, and was not simulated`).join('');
  const elsewhere = region === pricesRegion ? '' : `; prices in ${region} differ`;
  return [
    `Fleet ${fleet}: ${servers} servers, ${deploysPerDay} deploys per day. List prices of ${pricesRegion}, ${pricesAsOf}${elsewhere}; ${freeTier}.`,
    '',
    table([
      ['HOLDFAST', 'USD PER MONTH', 'ARITHMETIC'],
      ...lines.map(row),
      ['total', usd(monthlyUsd), `the budget for four servers is $${MONTHLY_BUDGET_USD}`],
      ['', '', ''],
      ['INFRASTRUCTURE', 'USD PER MONTH', 'needed by any such fleet'],
      ...infrastructure.map(row),
      ['total', usd(infrastructureUsd), 'without data transfer, backups and other usage of the application'],
    ]),
    '',
    `Error: ±${usageErrorPercent} % for what deploys use, from simulated deploys without faults${apart}; other executions enter each state once.`,
    `Free: ${free.join('; ')}.`,
    ...(notPriced.length === 0 ? [] : [`Not in this estimate: ${notPriced.join(', ')}.`]),
  ].join('\n');
}

const row = ({ item, monthly, arithmetic, note }: CostLine): string[] => [
  item,
  monthly === null ? '?' : usd(monthly),
  note === null ? arithmetic : `${arithmetic} (${note})`,
];

/** Two decimals; an amount that rounds to 0 is shown as <0.01. */
function usd(amount: number): string {
  const text = amount > 0 && amount < 0.005 ? '<0.01' : amount.toFixed(2);
  return text.padStart('USD PER MONTH'.length);
}
