import { expect, it } from 'vitest';
import { signedAgents } from '../../../../functions/deploy/dry-run/read-aws.ts';
import type { JsonService } from '../../../../functions/shared/aws/signed/json-service.ts';

interface Asked {
  readonly NextToken?: string;
  readonly Filters: readonly { readonly Values: readonly string[] }[];
}

it('follows a page without agents to the next one, for each fifty servers', async () => {
  const asked: Asked[] = [];
  const ssm = async (_operation: string, input: object) => {
    asked.push(input as Asked);
    const { NextToken, Filters } = input as Asked;
    if (NextToken === undefined) return { InstanceInformationList: [], NextToken: 'more' };
    return { InstanceInformationList: [{ InstanceId: Filters[0]?.Values[0], AgentVersion: '3.3.1', PingStatus: 'Online' }] };
  };
  const ids = Array.from({ length: 60 }, (_, index) => `i-${index}`);
  expect(await signedAgents(ssm as JsonService).describe(ids)).toEqual(
    ['i-0', 'i-50'].map((instanceId) => ({ instanceId, version: '3.3.1', online: true })),
  );
  expect(asked.map(({ Filters }) => Filters[0]?.Values.length)).toEqual([50, 10, 50, 10]);
});

it('ends where the pages do not', async () => {
  let calls = 0;
  const ssm = async () => {
    calls += 1;
    return { InstanceInformationList: [], NextToken: 'more' };
  };
  expect(await signedAgents(ssm as JsonService).describe(['i-1'])).toEqual([]);
  expect(calls).toBe(20);
});
