import { expect, it } from 'vitest';
import { memoryIncidentRecords } from '../memory-incident-records.ts';
import { simulatedIncidentRecords } from '../simulated-incident-records.ts';
import { describeIncidentRecords } from './incident-records-conformance.ts';

describeIncidentRecords('memory', memoryIncidentRecords);
describeIncidentRecords('DynamoDB', () => simulatedIncidentRecords());

it('the budget of all runbooks is one conditional write', async () => {
  const calls: string[] = [];
  await simulatedIncidentRecords(calls).takeBudget({ of: 'web', claim: 'inc-1/1/keep-servers' }, 3, 1_000);
  expect(calls).toEqual(['GetItem', 'PutItem']);
});
