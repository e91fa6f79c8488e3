/** An estimate as text. */
import { expect, it } from 'vitest';
import { estimateCost } from '../../../cli/cost/estimate-cost.ts';
import { renderCost } from '../../../cli/cost/render-cost.ts';
import { assemblyOf, functionOf, stackOf } from './templates.ts';

const costOf = () => estimateCost(assemblyOf(stackOf('holdfast-web-deploy', functionOf('web'))), { servers: 4 });

it('has the sums first, and no line of more than 80 columns; --all has the arithmetic', () => {
  const text = renderCost(costOf());
  const [, , sum, charged, infrastructure] = text.split('\n');
  expect(sum).toMatch(/^Holdfast +\d+\.\d\d USD per month; the budget for four servers is \$\d+$/);
  expect(charged).toMatch(/^ +\d+\.\d\d USD per month, if other dashboards use up the free ones$/);
  expect(infrastructure).toMatch(/^infrastructure +\d+\.\d\d USD per month, needed by any such fleet$/);
  expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
  expect(text).toContain('With --all:');
  for (const { item } of costOf().lines) expect(text).toContain(item);
  expect(renderCost(costOf(), true)).toMatch(/^HOLDFAST +USD PER MONTH +ARITHMETIC$/m);
});

it('states with --all how deploys are counted, and what is free', () => {
  const lines = renderCost(costOf(), true).split('\n');
  expect(lines.find((line) => line.startsWith('Error:'))).toContain('without faults, and waits for sessions to their end');
  expect(lines.find((line) => line.startsWith('Free:'))).toContain('Run Command on EC2');
});
