import { expect, it } from 'vitest';
import { parseContent } from '../../../infra/config.ts';
import { adopted, EXISTING_GROUP, EXISTING_INSTANCES } from '../adopted-configs.ts';
import { foundBy } from '../found-by.ts';

const withoutGroup = (web: typeof EXISTING_GROUP) => ({ ...web, existing: { ...web.existing, instanceSecurityGroupId: undefined } });
const warningsOf = (web: object) =>
  foundBy(parseContent({ ...adopted(), store: {}, fleets: { web } }, 'the test'), 'store-unreachable-by-servers');

it.each([EXISTING_GROUP, EXISTING_INSTANCES])('a created store lets in existing servers by their security group', (web) => {
  expect(warningsOf(withoutGroup(web))).toEqual([
    {
      check: 'store-unreachable-by-servers',
      sentence: expect.stringContaining('fleets.web.existing.instanceSecurityGroupId is absent'),
    },
  ]);
  expect(warningsOf({ ...web, existing: { ...web.existing, instanceSecurityGroupId: 'sg-0123456789abcdef1' } })).toEqual([]);
});

it('servers that keep their sessions themselves need none', () => {
  const own = { ...withoutGroup(EXISTING_INSTANCES), strategy: 'sticky', sessions: {}, deploy: { sessionDrainSeconds: 0 } };
  expect(warningsOf(own)).toEqual([]);
});
