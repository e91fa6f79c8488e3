/** What an estimate says of its own error. */
import { expect, it } from 'vitest';
import { estimateCost } from '../../../cli/cost/estimate-cost.ts';
import { renderCost } from '../../../cli/cost/render-cost.ts';
import { DRAIN_ENV } from '../../../functions/shared/aws/drain-rule-contract.ts';
import { assemblyOf, functionOf, stackOf } from './templates.ts';

const costOf = (variables?: Record<string, string>) =>
  estimateCost(assemblyOf(stackOf('holdfast-web-deploy', functionOf('web', variables))), { servers: 4 });
const errorOf = (cost: ReturnType<typeof costOf>) =>
  renderCost(cost, true)
    .split('\n')
    .find((line) => line.startsWith('Error:'));

it('excepts the wait for sessions from the error of simulated deploys, in the text and in the JSON', () => {
  const sticky = costOf({ [DRAIN_ENV.drainRuleArn]: 'arn:rule' });
  expect(errorOf(sticky)).toBe(
    'Error: ±10 % for what deploys use, from simulated deploys without faults; the wait for sessions is counted to its end, and was not simulated; other executions enter each state once.',
  );
  expect(sticky.assumptions).toMatchObject({ usageErrorPercent: 10, notSimulated: ['the wait for sessions is counted to its end'] });
});

it('has the sums first, and no line of more than 80 columns; --all has the arithmetic', () => {
  const text = renderCost(costOf());
  const [, , sum, infrastructure] = text.split('\n');
  expect(sum).toMatch(/^Holdfast +\d+\.\d\d USD per month; the budget for four servers is \$\d+$/);
  expect(infrastructure).toMatch(/^infrastructure +\d+\.\d\d USD per month, needed by any such fleet$/);
  expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
  expect(text).toContain('With --all:');
  for (const { item } of costOf().lines) expect(text).toContain(item);
  expect(renderCost(costOf(), true)).toMatch(/^HOLDFAST +USD PER MONTH +ARITHMETIC$/m);
});

it('excepts nothing where deploys wait for no sessions', () => {
  const plain = costOf();
  expect(errorOf(plain)).toBe(
    'Error: ±10 % for what deploys use, from simulated deploys without faults; other executions enter each state once.',
  );
  expect(plain.assumptions.notSimulated).toEqual([]);
});
