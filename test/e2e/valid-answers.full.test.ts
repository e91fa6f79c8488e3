/** After the scenarios: what they leave is read by boto3, and every answer has to be valid by botocore's service models. */
import { expect, it } from 'vitest';
import { goThroughServices } from '#local-aws/test/clients/go-through-services.ts';
import { kept } from './fleet.ts';

it('every answer about what the scenarios left is valid by botocore’s service models', async () => {
  const { faults, answers } = await goThroughServices({ ...kept, home: kept.runFolder }, 'reading');
  expect(faults).toEqual([]);
  expect(answers).toBeGreaterThan(80);
});
