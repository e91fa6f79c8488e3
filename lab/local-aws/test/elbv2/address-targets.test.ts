import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../../test/until.ts';
import { crossesZones, targetsOfNode } from '../../elbv2/data-plane/choose-target.ts';
import type { Target } from '../../elbv2/resources.ts';
import { createWorld, named, send, type World } from './support.ts';

/** Addresses and the ports of the servers behind them. */
const servers = new Map<string, number>();
const INSIDE = '10.0.0.7';
const OUTSIDE = '192.168.7.11';

let world: World;
beforeAll(async () => {
  const resolve = (id: string) => {
    const port = servers.get(id);
    return port === undefined ? undefined : { host: '127.0.0.1', port };
  };
  world = createWorld({}, undefined, resolve, (address) => address === OUTSIDE);
  for (const address of [INSIDE, OUTSIDE]) {
    const { server } = await world.instance(named(address));
    servers.set(address, (server.address() as { port: number }).port);
  }
});
afterAll(() => world.stop());

const group = () => world.group([], { TargetType: 'ip' });
const register = (TargetGroupArn: string, ...Targets: object[]) => world.call('RegisterTargets', { TargetGroupArn, Targets });
interface Described {
  readonly TargetHealthDescriptions: { readonly Target: object; readonly TargetHealth: { readonly State: string } }[];
}
const described = async (TargetGroupArn: string) =>
  (await world.call<Described>('DescribeTargetHealth', { TargetGroupArn })).TargetHealthDescriptions;

describe('addresses as targets', () => {
  it('are reached at the machines that have them, inside the VPC and outside', async () => {
    const arn = await group();
    const { port } = await world.front(arn);
    await register(arn, { Id: INSIDE, Port: '8080' }, { Id: OUTSIDE, Port: '9090', AvailabilityZone: 'all' });
    await until(async () => (await described(arn)).every(({ TargetHealth }) => TargetHealth.State === 'healthy'), 'both are healthy');
    const answers = await Promise.all(Array.from({ length: 8 }, () => send(port)));
    expect(new Set(answers.map(({ body }) => body))).toEqual(new Set([INSIDE, OUTSIDE]));
  });

  it('are described with their port, and with the zone that they were registered with', async () => {
    const arn = await group();
    await register(arn, { Id: OUTSIDE, Port: '9090', AvailabilityZone: 'all' });
    expect((await described(arn)).map(({ Target }) => Target)).toEqual([{ Id: OUTSIDE, Port: 9090, AvailabilityZone: 'all' }]);
  });

  // ELB user guide, Register targets: one that was registered by IP address waits for its deregistration delay.
  it('are taken again only once they are unused, on no port before', async () => {
    const Attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value: '3' }];
    const arn = await group();
    await world.call('ModifyTargetGroupAttributes', { TargetGroupArn: arn, Attributes });
    await world.front(arn);
    const target = { Id: INSIDE, Port: '8080' };
    await register(arn, target);
    await world.call('DeregisterTargets', { TargetGroupArn: arn, Targets: [target] });
    for (const Port of ['8080', '9090']) {
      await expect(register(arn, { Id: INSIDE, Port })).rejects.toMatchObject({
        code: 'InvalidTarget',
        message: expect.stringContaining(`'${INSIDE}' is draining`),
      });
    }
    await register(arn, { Id: OUTSIDE, Port: '9090', AvailabilityZone: 'all' });
    await until(async () => (await described(arn)).every(({ Target }) => (Target as { Id: string }).Id !== INSIDE), 'it is unused');
    await register(arn, target);
    expect((await described(arn)).find(({ Target }) => (Target as { Id: string }).Id === INSIDE)?.TargetHealth.State).toBe('initial');
  });

  // chaostoolkit-aws issue 60, aws-sdk-js issue 1964: the call succeeds, and nothing happens.
  it('stay where they are when they are deregistered without a port of their own', async () => {
    const arn = await group();
    await world.front(arn);
    await register(arn, { Id: INSIDE, Port: '9090' }, { Id: INSIDE });
    expect(await world.call('DeregisterTargets', { TargetGroupArn: arn, Targets: [{ Id: INSIDE }] })).toEqual({});
    const ports = (await described(arn)).map(({ Target, TargetHealth }) => [(Target as { Port: number }).Port, TargetHealth.State]);
    expect(Object.fromEntries(ports)).toEqual({ 9090: 'initial', 8080: 'draining' });
  });

  it.each([
    ['an address outside the VPC without its zone', { Id: OUTSIDE }, /outside the VPC.*'all'/],
    ['a name', { Id: 'shop.local' }, /not a valid IPv4/],
  ])('are not registered: %s', async (_, target, message) => {
    await expect(register(await group(), target)).rejects.toMatchObject({
      code: 'ValidationError',
      message: expect.stringMatching(message),
    });
  });

  it('an instance has no zone to be registered with', async () => {
    const arn = await world.group();
    const target = { Id: 'i-00000000000000001', AvailabilityZone: 'all' };
    await expect(register(arn, target)).rejects.toMatchObject({ code: 'ValidationError' });
  });
});

describe('a listener of somebody else', () => {
  it('gets a rule from another stack, whose deletion leaves the others as they were', async () => {
    const [theirs, ours] = [await world.group([], { TargetType: 'ip' }), await world.group([], { TargetType: 'ip' })];
    const { listener, port } = await world.front(theirs);
    await register(theirs, { Id: INSIDE });
    await register(ours, { Id: OUTSIDE, AvailabilityZone: 'all' });
    const rules = async () => world.call('DescribeRules', { ListenerArn: listener });
    const before = await rules();
    await until(async () => (await send(port)).body === INSIDE, 'theirs answers');

    const provider = world.elb.resourceTypes['AWS::ElasticLoadBalancingV2::ListenerRule'];
    const properties = {
      ListenerArn: listener,
      Priority: 10,
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/*'] } }],
      Actions: [{ Type: 'forward', TargetGroupArn: ours }],
    };
    const request = { type: '', logicalId: 'Rule', stackName: 'holdfast', properties };
    const made = await provider?.create(request);
    await until(async () => (await send(port)).body === OUTSIDE, 'ours answers');
    await provider?.delete({ ...request, physicalId: made?.physicalId ?? '' });
    await until(async () => (await send(port)).body === INSIDE, 'theirs answers again');
    expect(await rules()).toEqual(before);
  });
});

describe('cross-zone load balancing', () => {
  const turnOff = (TargetGroupArn: string) =>
    world.call('ModifyTargetGroupAttributes', {
      TargetGroupArn,
      Attributes: [{ Key: 'load_balancing.cross_zone.enabled', Value: 'false' }],
    });
  const zones = [
    { Id: INSIDE, Port: '8080', AvailabilityZone: 'us-east-1a' },
    { Id: OUTSIDE, Port: '9090', AvailabilityZone: 'us-east-1b' },
    { Id: OUTSIDE, Port: '9091', AvailabilityZone: 'us-east-1b' },
  ];

  it('is on: every target gets as many requests, whatever its zone', () => {
    const group = { attributes: new Map([['load_balancing.cross_zone.enabled', 'use_load_balancer_configuration']]) };
    expect(crossesZones(group)).toBe(true);
  });

  it('gives each zone as many requests while it is off, however many targets it has', () => {
    const of = (id: string, availabilityZone?: string) => ({ id, availabilityZone }) as Target;
    const targets = [of('i-1', 'b'), of('i-2', 'a'), of('i-3', 'b')];
    const at = (chance: number) => targetsOfNode(targets, ({ availabilityZone }) => availabilityZone, chance).map(({ id }) => id);
    expect([at(0), at(0.49), at(0.5), at(0.99)]).toEqual([['i-2'], ['i-2'], ['i-1', 'i-3'], ['i-1', 'i-3']]);
    expect(targetsOfNode([], () => 'a', 0.5)).toEqual([]);
  });

  it('sends requests to both zones while it is off, and to the other one once a zone is empty', async () => {
    const arn = await group();
    await turnOff(arn);
    const { port } = await world.front(arn);
    await register(arn, ...zones);
    await until(async () => (await described(arn)).every(({ TargetHealth }) => TargetHealth.State === 'healthy'), 'all are healthy');
    const answers = async () => new Set((await Promise.all(Array.from({ length: 30 }, () => send(port)))).map(({ body }) => body));
    expect(await answers()).toEqual(new Set([INSIDE, OUTSIDE]));
    await world.call('DeregisterTargets', { TargetGroupArn: arn, Targets: [{ Id: INSIDE, Port: '8080' }] });
    expect(await answers()).toEqual(new Set([OUTSIDE]));
  });

  it('cannot be off with a target of all zones, nor with stickiness', async () => {
    const arn = await group();
    await register(arn, { Id: OUTSIDE, Port: '9090', AvailabilityZone: 'all' });
    await expect(turnOff(arn)).rejects.toMatchObject({ code: 'InvalidConfigurationRequest', message: expect.stringContaining("'all'") });
    const sticky = await group();
    const Attributes = [{ Key: 'stickiness.enabled', Value: 'true' }];
    await world.call('ModifyTargetGroupAttributes', { TargetGroupArn: sticky, Attributes });
    await expect(turnOff(sticky)).rejects.toMatchObject({ message: expect.stringContaining('Stickiness is not supported') });
  });
});
