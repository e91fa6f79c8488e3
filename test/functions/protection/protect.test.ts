import { describe, expect, it } from 'vitest';
import { type ProtectionRequest, protect } from '../../../functions/protection/protect.ts';
import { recordingLog } from '../fakes/fixtures.ts';

const REQUEST: ProtectionRequest = {
  RequestType: 'Create',
  ResponseURL: 'https://answers.example/secret',
  StackId: 'stack',
  RequestId: 'r1',
  LogicalResourceId: 'Protected',
  ResourceProperties: { TableName: 'records', LoadBalancerNames: ['web', 'shop'] },
};
const ABOUT = { StackId: 'stack', RequestId: 'r1', LogicalResourceId: 'Protected', PhysicalResourceId: 'records' };

function world(more: { missing?: string; refuses?: string; denials?: number } = {}) {
  const answers: object[] = [];
  const pauses: number[] = [];
  let denials = more.denials ?? 0;
  const calls: string[] = [];
  const of = (kind: string) => ({
    setProtection: async (name: string, enabled: boolean) => {
      if (name === 'web' && denials-- > 0) throw Object.assign(new Error('not authorized'), { name: 'AccessDenied' });
      if (more.refuses === name) throw new Error('Rate exceeded');
      calls.push(`${kind} ${name} ${enabled ? 'on' : 'off'}`);
      return more.missing !== name;
    },
  });
  const answer = async (_: string, body: object) => void answers.push(body);
  const pause = async (ms: number) => void pauses.push(ms);
  const adapters = { loadBalancers: of('load balancer'), tables: of('table') };
  return { answers, calls, pauses, ports: { ...adapters, answer, pause, log: recordingLog() } };
}

describe('the custom resource of protection', () => {
  it.each(['Create', 'Update'] as const)('protects the table and every load balancer on %s', async (RequestType) => {
    const { ports, answers, calls } = world();
    await protect(ports, { ...REQUEST, RequestType });
    expect(calls).toEqual(['table records on', 'load balancer web on', 'load balancer shop on']);
    expect(answers).toEqual([{ Status: 'SUCCESS', ...ABOUT }]);
  });

  it('lets the load balancers be deleted on Delete, and leaves the table protected, which its stack keeps', async () => {
    const { ports, answers, calls } = world({ missing: 'web' });
    await protect(ports, { ...REQUEST, RequestType: 'Delete', PhysicalResourceId: 'records' });
    expect(calls).toEqual(['load balancer web off', 'load balancer shop off']);
    expect(answers).toEqual([{ Status: 'SUCCESS', ...ABOUT }]);
  });

  it('waits for IAM: the policy of a function that was just created or changed is denied for some seconds', async () => {
    const { ports, answers, pauses } = world({ denials: 3 });
    await protect(ports, REQUEST);
    expect(answers).toEqual([{ Status: 'SUCCESS', ...ABOUT }]);
    expect(pauses).toEqual([1_000, 2_000, 4_000]);
    const never = world({ denials: 100 });
    await protect(never.ports, REQUEST);
    expect(never.answers).toMatchObject([{ Status: 'FAILED', Reason: expect.stringContaining('not authorized') }]);
    expect(never.pauses).toHaveLength(5);
  });

  it.each([
    ['records', 'there is no table records'],
    ['shop', 'there is no load balancer shop'],
  ])('fails when %s does not exist: it would stay unprotected', async (missing, reason) => {
    const { ports, answers } = world({ missing });
    await protect(ports, REQUEST);
    expect(answers).toMatchObject([{ Status: 'FAILED', Reason: expect.stringContaining(reason) }]);
  });

  it.each([
    ['Create', 'not turned on everywhere: deploy again. Error: Rate exceeded'],
    ['Delete', 'not turned off everywhere: delete the stack again. Error: Rate exceeded'],
  ] as const)('answers what to do when AWS refuses on %s, and logs it', async (RequestType, reason) => {
    const { ports, answers } = world({ refuses: 'web' });
    await protect(ports, { ...REQUEST, RequestType });
    expect(answers).toMatchObject([{ Status: 'FAILED', Reason: `deletion protection was ${reason}` }]);
    expect(JSON.stringify(answers)).not.toContain('secret');
    expect(ports.log.events).toEqual(['protection.notChanged']);
  });
});
