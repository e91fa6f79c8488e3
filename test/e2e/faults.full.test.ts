/** What scenarios put around their work: a fault that is there for that long, and that hits something. The faults: lab/local-aws/test. */
import { DescribeTargetGroupsCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, describe, expect, it } from 'vitest';
import { withFault } from './faults.ts';
import { kept } from './fleet.ts';

const once = new ElasticLoadBalancingV2Client({
  region: kept.region,
  endpoint: kept.gatewayUrl,
  credentials: kept.credentials,
  maxAttempts: 1,
});
afterAll(() => once.destroy());
const describeGroups = () => once.send(new DescribeTargetGroupsCommand({}));

describe('withFault', () => {
  const throttled = { on: 'call', match: { service: 'elasticloadbalancing' }, effect: { kind: 'error', code: 'Throttling' } } as const;

  it('throttles while the work lasts and not afterwards', async () => {
    await withFault(throttled, () => expect(describeGroups()).rejects.toMatchObject({ name: 'Throttling' }));
    await describeGroups();
  });

  it('takes the rule away when the work fails, whose error counts', async () => {
    await expect(
      withFault(throttled, async () => {
        throw new Error('of the work');
      }),
    ).rejects.toThrow('of the work');
    await describeGroups();
  });

  it('fails when a rule hit nothing: such a test would show nothing', async () => {
    const nobody = { ...throttled, match: { ...throttled.match, caller: '*/nobody' } };
    await expect(withFault(nobody, describeGroups)).rejects.toMatchObject({
      name: 'FaultHitNothing',
      message: expect.stringContaining('matched 0'),
    });
  });
});
