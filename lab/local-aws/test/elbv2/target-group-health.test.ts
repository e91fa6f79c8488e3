import { afterEach, expect, it } from 'vitest';
import { createWorld, type World } from './support.ts';

// ELB user guide, target-group-health; API reference, TargetGroupAttribute.
let world: World;
afterEach(() => world.stop());

const attribute = (name: string) => `target_group_health.${name.replace('.', '.minimum_healthy_targets.')}`;
async function group() {
  world = createWorld();
  const TargetGroupArn = await world.group();
  return (changes: Record<string, string>) =>
    world.call<{ Attributes: { Key: string; Value: string }[] }>('ModifyTargetGroupAttributes', {
      TargetGroupArn,
      Attributes: Object.entries(changes).map(([name, Value]) => ({ Key: attribute(name), Value })),
    });
}

it('has thresholds that can be off, and returns them', async () => {
  const modify = await group();
  const { Attributes } = await modify({ 'dns_failover.count': 'off' });
  const value = (name: string) => Attributes.find(({ Key }) => Key === attribute(name))?.Value;
  expect([value('dns_failover.count'), value('dns_failover.percentage')]).toEqual(['off', 'off']);
  expect([value('unhealthy_state_routing.count'), value('unhealthy_state_routing.percentage')]).toEqual(['1', 'off']);
});

it.each<[string, Record<string, string>]>([
  ['routing failover is never off', { 'unhealthy_state_routing.count': 'off' }],
  ['there is no count of 0', { 'dns_failover.count': '0' }],
  ['nor a percentage above 100', { 'dns_failover.percentage': '101' }],
  ['DNS fails over before or with the routing', { 'unhealthy_state_routing.count': '2' }],
  ['by percentages too', { 'dns_failover.percentage': '40', 'unhealthy_state_routing.percentage': '50' }],
])('refuses other values: %s', async (_, changes) => {
  const modify = await group();
  await expect(modify(changes)).rejects.toMatchObject({ code: 'InvalidConfigurationRequest' });
});

it('lets the routing have a threshold where DNS failover is off', async () => {
  const modify = await group();
  await expect(modify({ 'dns_failover.count': 'off', 'unhealthy_state_routing.count': '2' })).resolves.toBeDefined();
});
