import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../../../../test/until.ts';
import { createWorld, healthy, type Instance, named, pause, SECOND_MS, send, type World } from './support.ts';

// ELB user guide, load-balancer-target-groups (edit-target-group-attributes): Deregistration delay.
describe('deregistration', () => {
  let world: World;
  afterEach(() => world.stop());
  const deregister = (group: string, { id }: Instance) => world.call('DeregisterTargets', { TargetGroupArn: group, Targets: [{ Id: id }] });
  const register = (group: string, { id }: Instance) => world.call('RegisterTargets', { TargetGroupArn: group, Targets: [{ Id: id }] });
  const delay = (seconds: number) => ({ attributes: { 'deregistration_delay.timeout_seconds': String(seconds) } });

  async function oneTarget(seconds: number, handler = named('x'), settings = {}) {
    world = createWorld(settings);
    const target = await world.instance(handler);
    const group = await world.group([target], delay(seconds));
    const front = await world.front(group);
    await healthy(world, group, target);
    return { target, group, port: front.port };
  }

  it('shows draining for the whole delay even when nothing is in flight, then unused', async () => {
    const { target, group } = await oneTarget(10);
    const begunMs = Date.now();
    await deregister(group, target);
    expect(await world.state(group, target)).toMatchObject({ State: 'draining', Reason: 'Target.DeregistrationInProgress' });
    await until(async () => (await world.state(group, target)).State === 'unused', 'it is unused');
    expect(Date.now() - begunMs).toBeGreaterThanOrEqual(10 * SECOND_MS - 5);
    expect(await world.state(group, target)).toMatchObject({ Reason: 'Target.NotRegistered' });
    expect(await world.call('DescribeTargetHealth', { TargetGroupArn: group })).toEqual({ TargetHealthDescriptions: [] });
  });

  // Not documented by AWS; inferred.
  it('takes a target back while it drains: initial first, and its requests in flight go on', async () => {
    let finish: ServerResponse | undefined;
    const { target, group, port } = await oneTarget(3, (req, res) => {
      if (req.url === '/slow') finish = res;
      else res.end('x');
    });
    const slow = send(port, '/slow');
    await until(() => finish !== undefined, 'the request is in flight');
    await deregister(group, target);
    await register(group, target);
    expect((await world.state(group, target)).State).toBe('initial');
    await healthy(world, group, target);
    await pause(4 * SECOND_MS);
    finish?.end('finished');
    expect((await slow).body).toBe('finished');
    expect((await world.state(group, target)).State).toBe('healthy');
  });

  it('is over at once in a group that no load balancer uses', async () => {
    world = createWorld();
    const target = await world.instance(named('x'));
    const group = await world.group([target]);
    await deregister(group, target);
    expect(await world.state(group, target)).toMatchObject({ State: 'unused', Reason: 'Target.NotRegistered' });
  });

  // ELB API reference, DeregisterTargets: if the target does not exist, the action returns successfully.
  it('passes over a target that is not registered', async () => {
    const { group } = await oneTarget(1);
    await expect(deregister(group, { id: 'i-0000000000000dead' } as Instance)).resolves.toEqual({});
  });

  // aws-load-balancer-controller issue 1834: a target that is up is healthy at once, and gets requests.
  it('checks a new target at once, and sends it requests when it is healthy, whatever the propagation lag', async () => {
    const { target, group, port } = await oneTarget(60, named('first'), { propagationLagMs: 60_000 });
    const second = await world.instance(named('second'));
    await register(group, second);
    expect(await world.state(group, second)).toMatchObject({ State: 'initial', Reason: 'Elb.RegistrationInProgress' });
    await healthy(world, group, second);
    const bodies = await Promise.all(Array.from({ length: 6 }, async () => (await send(port)).body));
    expect(new Set(bodies)).toEqual(new Set(['first', 'second']));
    expect((await world.state(group, target)).State).toBe('healthy');
  });

  it('works through the interface for Auto Scaling too', async () => {
    world = createWorld();
    const { targetGroups } = world.elb;
    const target = await world.instance(named('x'));
    const group = await world.group([], delay(2));
    await world.front(group);
    expect(targetGroups.health(group, target.id)).toBeUndefined();
    await targetGroups.register(group, target.id);
    expect(targetGroups.health(group, target.id)).toBe('initial');
    await until(() => targetGroups.health(group, target.id) === 'healthy', 'it is healthy');
    await targetGroups.deregister(group, target.id);
    expect(targetGroups.health(group, target.id)).toBe('draining');
    await until(() => targetGroups.health(group, target.id) === undefined, 'it is gone');
  });
});
