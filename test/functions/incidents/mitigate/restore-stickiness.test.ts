import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cookiesOf, createWorld, healthy, named, send, type World } from '#local-aws/test/elbv2/support.ts';
import type { Stickiness } from '../../../../functions/incidents/contract/evidence.ts';
import type { Calls, Mitigation, Plan } from '../../../../functions/incidents/contract/mitigations.ts';
import { createRestoreStickiness } from '../../../../functions/incidents/mitigate/restore-stickiness.ts';
import { createTargetGroupAttributes, type TargetGroupAttributes } from '../../../../functions/shared/aws/attributes-reader.ts';
import { until } from '../../../until.ts';
import { localClient } from './local-balancer.ts';

const TARGET = { incidentId: 'inc-1', fleet: 'web' };
const ONE_DAY = { 'stickiness.enabled': 'true', 'stickiness.type': 'lb_cookie', 'stickiness.lb_cookie.duration_seconds': '86400' };
const CONFIGURED: Stickiness = { enabled: true, type: 'lb_cookie', durationSeconds: 86_400 };

let world: World;
let group: string;
let attributes: TargetGroupAttributes;
let client: ReturnType<typeof localClient>;

const mitigation = (expectedStickiness: Stickiness = CONFIGURED): Mitigation & Required<Pick<Mitigation, 'undo'>> =>
  createRestoreStickiness({
    fleets: { web: { targetGroupArn: group, strategy: 'sticky', expectedStickiness } },
    attributes,
  }) as Mitigation & Required<Pick<Mitigation, 'undo'>>;
const planned = async (one = mitigation()) => (await one.plan(TARGET)) as Calls;
const read = async () => {
  const found = await attributes.read(group);
  return Object.fromEntries(Object.keys(ONE_DAY).map((key) => [key, found[key]]));
};

beforeEach(() => {
  world = createWorld();
  client = localClient(world);
  attributes = createTargetGroupAttributes(client);
});
afterEach(() => world.stop());

describe('restore-stickiness at a load balancer', () => {
  it('brings each user back to one server, and undo scatters them again', async () => {
    const servers = [await world.instance(named('one')), await world.instance(named('two'))] as const;
    group = await world.group(servers, { attributes: ONE_DAY });
    const { port } = await world.front(group);
    await healthy(world, group, ...servers);
    // A busy machine answers a health check late, and a target is out for a moment.
    const visited = async () => {
      const headers = { Cookie: cookiesOf(await send(port)) };
      const bodies = new Set<string>();
      for (let count = 0; count < 6; count += 1) bodies.add((await send(port, '/', { headers })).body);
      return bodies.size;
    };
    await attributes.write(group, { 'stickiness.enabled': 'false' });
    await until(async () => (await visited()) === 2, 'a user meets both servers');

    const plan = await planned();
    expect(plan).toMatchObject({
      calls: [
        {
          service: 'elbv2',
          operation: 'ModifyTargetGroupAttributes',
          input: {
            TargetGroupArn: group,
            Attributes: [
              { Key: 'stickiness.enabled', Value: 'true' },
              { Key: 'stickiness.type', Value: 'lb_cookie' },
              { Key: 'stickiness.lb_cookie.duration_seconds', Value: '86400' },
            ],
          },
        },
      ],
      effect: expect.stringContaining('fleet web'),
    });
    expect(await mitigation().verify(TARGET, plan)).toMatchObject({
      verdict: 'WAIT',
      detail: expect.stringContaining('stickiness.enabled=true'),
    });
    await mitigation().act(TARGET, plan);
    // Its answer was lost.
    await mitigation().act(TARGET, plan);
    expect(await mitigation().verify(TARGET, plan)).toMatchObject({ verdict: 'DONE' });
    await until(async () => (await visited()) === 1, 'a user stays on one server');

    await mitigation().undo(TARGET, plan);
    await mitigation().undo(TARGET, plan);
    expect(await read()).toEqual({ ...ONE_DAY, 'stickiness.enabled': 'false' });
    await until(async () => (await visited()) === 2, 'a user meets both servers');
  });
});

describe('restore-stickiness', () => {
  beforeEach(async () => {
    group = await world.group([], { attributes: ONE_DAY });
  });

  it('changes exactly what differs, and undo restores exactly that', async () => {
    await attributes.write(group, { 'stickiness.enabled': 'false', 'stickiness.lb_cookie.duration_seconds': '60' });
    const plan = await planned();
    await mitigation().act(TARGET, plan);
    expect(await read()).toEqual(ONE_DAY);
    await mitigation().undo(TARGET, plan);
    expect(await read()).toEqual({ ...ONE_DAY, 'stickiness.enabled': 'false', 'stickiness.lb_cookie.duration_seconds': '60' });
  });

  it('leaves what a person has changed since to that person', async () => {
    await attributes.write(group, { 'stickiness.enabled': 'false', 'stickiness.lb_cookie.duration_seconds': '60' });
    const plan = await planned();
    await mitigation().act(TARGET, plan);
    await attributes.write(group, { 'stickiness.lb_cookie.duration_seconds': '3600' });
    await mitigation().undo(TARGET, plan);
    expect(await read()).toMatchObject({ 'stickiness.enabled': 'false', 'stickiness.lb_cookie.duration_seconds': '3600' });
  });

  it('sends nothing once a person has changed it since the plan, also to what it would have sent', async () => {
    await attributes.write(group, { 'stickiness.enabled': 'false' });
    const plan = await planned();
    await attributes.write(group, { 'stickiness.lb_cookie.duration_seconds': '3600' });
    await expect(mitigation().act(TARGET, plan)).rejects.toMatchObject({
      name: 'MitigationRefused',
      message: 'stickiness.lb_cookie.duration_seconds of the target group was changed since the plan; nothing was changed',
    });
    await attributes.write(group, ONE_DAY);
    client.sent.length = 0;
    await mitigation().act(TARGET, plan);
    expect(client.sent).toEqual([]);
  });

  it('turns an existing target group on again, with its own kind and duration', async () => {
    await attributes.write(group, { 'stickiness.enabled': 'false', 'stickiness.lb_cookie.duration_seconds': '60' });
    const existing = mitigation({ enabled: true });
    await existing.act(TARGET, await planned(existing));
    expect(await read()).toEqual({ ...ONE_DAY, 'stickiness.lb_cookie.duration_seconds': '60' });
  });

  it.each<[string, string, () => Promise<Plan>]>([
    ['stickiness that is as configured', 'is as configured', () => mitigation().plan(TARGET)],
    ['a fleet with its sessions in the store', 'no stickiness to restore', () => mitigation({ enabled: false }).plan(TARGET)],
  ])('refuses %s, and changes nothing', async (_, reason, plan) => {
    client.sent.length = 0;
    expect(await plan()).toEqual({ refused: expect.stringContaining(reason) });
    expect(client.sent).toEqual([]);
  });

  it('refuses a fleet that the installation does not have', async () => {
    await expect(mitigation().plan({ incidentId: 'inc-1', fleet: 'shop' })).rejects.toMatchObject({
      name: 'MitigationRefused',
      message: expect.stringContaining('no fleet shop'),
    });
  });
});
