import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createWorld, forwardTo, named, type World } from '#local-aws/test/elbv2/support.ts';
import type { Clients } from '../../../cli/doctor/clients.ts';
import { gatherDrainRule } from '../../../cli/doctor/gather-load-balancer.ts';
import { known } from '../../../cli/doctor/lookup.ts';
import { ENV } from '../../../functions/deploy/contract/environment.ts';
import { createDrainRule } from '../../../functions/shared/aws/drain-rule.ts';
import { sticky, subjectOf } from './healthy-fleet.ts';

let world: World;
let front: { readonly ruleArn: string; readonly drainTargetGroupArn: string };
let mainArn: string;
beforeEach(async () => {
  world = createWorld();
  const drainTargetGroupArn = await world.group();
  mainArn = await world.group();
  const { listener } = await world.front(mainArn);
  const { Rules } = await world.call<{ Rules: { RuleArn: string }[] }>('CreateRule', {
    ListenerArn: listener,
    Priority: '40',
    Conditions: [{ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-Holdfast-Drain', Values: ['x'] } }],
    Actions: [forwardTo(drainTargetGroupArn)],
  });
  front = { ruleArn: Rules[0]?.RuleArn ?? '', drainTargetGroupArn };
});
afterEach(() => world.stop());

/** A client of the local load balancer, without the wire. */
function client(): ElasticLoadBalancingV2Client {
  const elb = new ElasticLoadBalancingV2Client({ region: 'us-east-1', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } });
  const call = (name: string, input: object) =>
    world
      .call(name, { ...input })
      .catch((error: { code?: string }) => Promise.reject(Object.assign(new Error('refused'), { name: error.code })));
  const direct = (_next: unknown, context: { commandName?: string }) => async (args: { input: object }) => ({
    response: {},
    output: { $metadata: {}, ...(await call(context.commandName?.replace(/Command$/, '') ?? '', args.input)) },
  });
  elb.middlewareStack.add(direct as never, { step: 'initialize', priority: 'high' });
  return elb;
}
/** A function with this environment; undefined: there is none. */
const lambda = (Variables?: Record<string, string>) =>
  ({
    send: async () => {
      if (!Variables) throw Object.assign(new Error('no function'), { name: 'ResourceNotFoundException' });
      return { Environment: { Variables } };
    },
  }) as unknown as Clients['lambda'];
const existing = (existing = front) => ({
  ...subjectOf(),
  targetGroup: { id: mainArn, named: true },
  sessionDrain: { function: 'f', existing },
});

it('reads where the rule is, what it takes, and which servers are in its group', async () => {
  const read = async () => known(await gatherDrainRule(client(), lambda(), existing()));
  await world.call('ModifyTargetGroup', { TargetGroupArn: front.drainTargetGroupArn, HealthCheckPath: '/of-drain' });
  await world.call('ModifyTargetGroup', { TargetGroupArn: mainArn, HealthCheckPath: '/of-main' });
  const before = await read();
  expect(before?.rules.map(({ arn, priority }) => [arn, priority])).toEqual([
    [front.ruleArn, 40],
    [expect.any(String), Infinity],
  ]);
  const settings = { protocol: 'HTTP', targetType: 'instance', healthCheckPort: 'traffic-port' };
  const attributes = { 'stickiness.enabled': 'false', 'target_group_health.dns_failover.minimum_healthy_targets.count': '1' };
  expect(before).toMatchObject({
    ...{ ...front, targets: [] },
    groups: {
      main: { ...settings, healthCheckPath: '/of-main' },
      drain: { ...settings, healthCheckPath: '/of-drain' },
      attributes,
    },
  });
  expect(before).not.toHaveProperty('pinned');
  const server = await world.instance(named('one'));
  await world.call('RegisterTargets', { TargetGroupArn: front.drainTargetGroupArn, Targets: [{ Id: server.id }] });
  await createDrainRule(client(), front).pin('^SID=a$');
  expect(await read()).toMatchObject({ pinned: '^SID=a$', targets: [{ instanceId: server.id }] });
});

it('learns of a created rule from the function that changes it', async () => {
  const ofFront = { HOLDFAST_DRAIN_TARGET_GROUP_ARN: front.drainTargetGroupArn, HOLDFAST_DRAIN_RULE_ARN: front.ruleArn };
  const environment = { ...ofFront, [ENV.targetGroupArn]: mainArn };
  expect(known(await gatherDrainRule(client(), lambda(environment), sticky()))).toMatchObject(front);
  expect(await gatherDrainRule(client(), lambda({}), sticky())).toMatchObject({ state: 'absent' });
  expect(await gatherDrainRule(client(), lambda(), sticky())).toMatchObject({
    state: 'absent',
    subject: { resource: 'holdfast-web-deploy-sessions' },
  });
});

it('reports a rule that does not exist, and reads nothing for a fleet whose deploys wait for no sessions', async () => {
  const gone = existing({ ...front, ruleArn: `${front.ruleArn}0` });
  expect(await gatherDrainRule(client(), lambda(), gone)).toMatchObject({ state: 'absent', subject: { named: true } });
  expect(await gatherDrainRule(client(), lambda(), subjectOf())).toEqual({ state: 'skipped' });
});
