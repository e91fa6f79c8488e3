import { expect, it } from 'vitest';
import { parseContent } from '../../../infra/config.ts';
import { adopted, EXISTING_GROUP, EXISTING_INSTANCES } from '../adopted-configs.ts';

const withoutGroup = (web: typeof EXISTING_GROUP) => ({ ...web, existing: { ...web.existing, instanceSecurityGroupId: undefined } });
const inCreated = (web: object) => ({ ...adopted(), store: {}, fleets: { web } });

it.each([EXISTING_GROUP, EXISTING_INSTANCES])(
  'a created store lets in existing servers by their security group, which is required',
  (web) => {
    expect(() => parseContent(inCreated(withoutGroup(web)), 'the test')).toThrow(
      'fleets.web.existing.instanceSecurityGroupId (absent): is required with a created store',
    );
    parseContent(inCreated({ ...web, existing: { ...web.existing, instanceSecurityGroupId: 'sg-0123456789abcdef1' } }), 'the test');
  },
);

it('servers that keep their sessions themselves need none', () => {
  parseContent(
    inCreated({ ...withoutGroup(EXISTING_INSTANCES), strategy: 'sticky', sessions: {}, deploy: { sessionDrainSeconds: 0 } }),
    'the test',
  );
});
