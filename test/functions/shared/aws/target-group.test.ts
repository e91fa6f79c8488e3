import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ExistingMember } from '../../../../functions/shared/aws/target-group.ts';
import { createTargetGroup } from '../../../../functions/shared/aws/target-group.ts';
import { stubHttp } from '../../fakes/stub-http.ts';

const ARN = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop/0123456789abcdef';
const NODES: readonly ExistingMember[] = [
  { instanceId: 'i-1', target: { id: '10.0.1.10', port: 8080 } },
  { instanceId: 'mi-2', target: { id: '192.168.7.4', port: 9090, availabilityZone: 'all' } },
];

let http: ReturnType<typeof stubHttp>;
const group = (named?: readonly ExistingMember[]) => createTargetGroup(new ElasticLoadBalancingV2Client(http.config), ARN, named);
/** The targets of the last call, as the query protocol writes them. */
const sent = () =>
  Object.fromEntries(
    [...new URLSearchParams(http.seen.at(-1)?.body)].flatMap(([key, value]) =>
      key.startsWith('Targets.') ? [[key.replace('Targets.member.', ''), value]] : [],
    ),
  );

function answer(...targets: readonly [id: string, port: number | undefined, state: string, zone?: string][]): void {
  const members = targets.map(
    ([id, port, state, zone]) =>
      `<member><Target><Id>${id}</Id>${port === undefined ? '' : `<Port>${port}</Port>`}${zone === undefined ? '' : `<AvailabilityZone>${zone}</AvailabilityZone>`}</Target><TargetHealth><State>${state}</State>${state === 'healthy' ? '' : '<Reason>Target.Timeout</Reason><Description>too slow</Description>'}</TargetHealth></member>`,
  );
  http.answer(
    `<DescribeTargetHealthResponse><DescribeTargetHealthResult><TargetHealthDescriptions>${members.join('')}</TargetHealthDescriptions></DescribeTargetHealthResult></DescribeTargetHealthResponse>`,
  );
}

beforeEach(() => {
  http = stubHttp();
  http.answer('<RegisterTargetsResponse><RegisterTargetsResult/></RegisterTargetsResponse>');
});

it.each<[string, readonly ExistingMember[] | undefined, readonly string[]]>([
  ['by the targets of its own group', undefined, [ARN, 'inside']],
  ['by the listed members as well, before they are registered', [{ instanceId: 'i-9' }], [ARN, 'inside', 'later']],
])('finds the other target groups of listed servers %s', async (_, named, expected) => {
  const ofInstances = { VpcId: 'vpc-1', TargetType: 'instance', LoadBalancerArns: ['lb'] } as const;
  const targetGroups = [
    { ...ofInstances, TargetGroupArn: ARN },
    { ...ofInstances, TargetGroupArn: 'inside' },
    { ...ofInstances, TargetGroupArn: 'later' },
    { ...ofInstances, TargetGroupArn: 'of-others' },
    { ...ofInstances, TargetGroupArn: 'deleted' },
    { ...ofInstances, TargetGroupArn: 'without-requests', LoadBalancerArns: [] },
    { ...ofInstances, TargetGroupArn: 'elsewhere', VpcId: 'vpc-2' },
  ];
  const targets: Record<string, readonly string[]> = {
    [ARN]: ['i-1', 'i-2'],
    inside: ['i-7', 'i-2'],
    later: ['i-9'],
    'of-others': ['i-7'],
  };
  const client = new ElasticLoadBalancingV2Client({});
  client.send = (async ({ input: { TargetGroupArn } }: { readonly input: { readonly TargetGroupArn?: string } }) => {
    if (TargetGroupArn === undefined) return { TargetGroups: targetGroups };
    const ids = targets[TargetGroupArn];
    if (!ids) throw Object.assign(new Error(TargetGroupArn), { name: 'TargetGroupNotFoundException' });
    return { TargetHealthDescriptions: ids.map((Id) => ({ Target: { Id } })) };
  }) as unknown as typeof client.send;
  expect(await createTargetGroup(client, ARN, named).registersWith()).toEqual(expected);
});

describe('a target group of instances', () => {
  it("registers at the group's own port when nothing else is known", async () => {
    await group().register('i-1');
    expect(sent()).toEqual({ '1.Id': 'i-1' });
  });

  it('registers an instance on every port that it had, and deregisters each', async () => {
    const ports = [{ port: 8080 }, { port: 8081 }];
    await group().register('i-1', ports);
    expect(sent()).toEqual({ '1.Id': 'i-1', '1.Port': '8080', '2.Id': 'i-1', '2.Port': '8081' });
    await group().deregister('i-1', ports);
    expect(sent()).toEqual({ '1.Id': 'i-1', '1.Port': '8080', '2.Id': 'i-1', '2.Port': '8081' });
  });

  it('reports an instance on two ports once, in the worse state', async () => {
    answer(['i-1', 8080, 'healthy'], ['i-1', 8081, 'unhealthy'], ['i-2', 8080, 'healthy']);
    expect(await group().describeHealth()).toEqual([
      { instanceId: 'i-1', state: 'unhealthy', detail: 'Target.Timeout: too slow', registrations: [{ port: 8080 }, { port: 8081 }] },
      { instanceId: 'i-2', state: 'healthy', registrations: [{ port: 8080 }] },
    ]);
  });
});

it.each([
  ['does not count a port that drains next to another one: its fleet has moved', 'healthy', [{ port: 8081 }]],
  ['reports an instance that drains on every port as draining, with all of them', 'draining', [{ port: 8080 }, { port: 8081 }]],
] as const)('%s', async (_, state, registrations) => {
  answer(['i-1', 8080, 'draining'], ['i-1', 8081, state]);
  expect(await group().describeHealth()).toEqual([expect.objectContaining({ instanceId: 'i-1', state, registrations })]);
});

describe('a target group of addresses', () => {
  it('identifies nodes by their ids', async () => {
    answer(['10.0.1.10', 8080, 'healthy', 'eu-west-1a'], ['192.168.7.4', 9090, 'healthy', 'all'], ['10.0.9.9', 80, 'healthy']);
    expect((await group(NODES).describeHealth()).map(({ instanceId }) => instanceId)).toEqual(['i-1', 'mi-2', '10.0.9.9']);
  });

  it('registers the configured address and port of a node that was never registered', async () => {
    await group(NODES).register('mi-2');
    expect(sent()).toEqual({ '1.Id': '192.168.7.4', '1.Port': '9090', '1.AvailabilityZone': 'all' });
  });

  it('registers a node as before, including outside the VPC', async () => {
    answer(['192.168.7.4', 9099, 'healthy', 'all']);
    const [found] = await group(NODES).describeHealth();
    http.answer('<RegisterTargetsResponse><RegisterTargetsResult/></RegisterTargetsResponse>');
    await group(NODES).register('mi-2', found?.registrations);
    expect(sent()).toEqual({ '1.Id': '192.168.7.4', '1.Port': '9099', '1.AvailabilityZone': 'all' });
  });

  it('does not register an address that drains, whatever its port, and nothing asks for the lease', async () => {
    const held: string[] = [];
    answer(['10.0.1.10', 8080, 'healthy'], ['192.168.7.4', 9099, 'draining', 'all']);
    const reply = await group(NODES).register('mi-2', undefined, async () => held.push('held'));
    expect(reply).toEqual({ registered: false, why: expect.stringMatching(/^192\.168\.7\.4 still drains, .*deregistration delay$/) });
    expect(held).toEqual([]);
    expect(http.seen.map(({ body }) => new URLSearchParams(body).get('Action'))).toEqual(['DescribeTargetHealth']);
  });

  it('says why the load balancer refuses an address: it is never taken for an instance that does not run', async () => {
    const refusing = stubHttp();
    refusing.answer('<ErrorResponse><Error><Code>InvalidTarget</Code><Message>not yet</Message></Error></ErrorResponse>', 400);
    answer(['10.0.1.10', 8080, 'healthy']);
    const reading = new ElasticLoadBalancingV2Client(http.config);
    const changing = new ElasticLoadBalancingV2Client(refusing.config);
    const register = (named?: readonly ExistingMember[]) => createTargetGroup(reading, ARN, named, changing).register('mi-2');
    const why = 'the load balancer refuses to register 192.168.7.4 (not yet)';
    expect(await register(NODES)).toEqual({ registered: false, why });
    await expect(register()).rejects.toMatchObject({ name: 'InvalidTargetException' });
  });

  it('deregisters a node by address and port', async () => {
    await group(NODES).deregister('mi-2');
    expect(sent()).toEqual({ '1.Id': '192.168.7.4', '1.Port': '9090' });
  });
});
