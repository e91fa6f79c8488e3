/** A session gate that a deploy has left open: a rule with a value, and a server in its group. */
import { ElasticLoadBalancingV2Client, type RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import { expect, it } from 'vitest';
import { createReconcile } from '../../../../functions/deploy/reconcile/reconcile.ts';
import { closeGate, createGateRule, type GateFront } from '../../../../functions/shared/aws/gate-front.ts';
import { POLL_ONCE } from '../../../../functions/shared/poll.ts';
import { claimWith, cleanUpFixture, machine } from './clean-up-fixture.ts';

async function opened() {
  const fixture = await cleanUpFixture();
  await fixture.gate.rule.open();
  await fixture.gateGroup.register('i-1', [{ port: 8080 }]);
  const isClosed = async () => !(await fixture.gate.rule.isOpen()) && Object.keys(fixture.gateGroup.states).length === 0;
  return { ...fixture, isClosed };
}

it('is closed by the clean-up, once the servers serve', async () => {
  const { cleanUp, targetGroup, isClosed, records } = await opened();
  await records.updateTarget('web', 'd1', 'i-1', { startedAtMs: 1, phase: 'failed', takenOut: false });
  targetGroup.states['i-1'] = 'initial';
  const { deploy, lease } = await claimWith(cleanUp);
  const ask = () => cleanUp({ step: 'checkServing', deploy, lease, waitingSinceMs: 0 });
  expect([await ask(), await isClosed()]).toMatchObject([{ verdict: 'WAIT' }, false]);
  targetGroup.states['i-1'] = 'healthy';
  expect([await ask(), await isClosed()]).toMatchObject([{ verdict: 'DONE' }, true]);
});

it('is closed by the reconciler, while no deploy is open', async () => {
  const { reconcile, isClosed, records, lease, warned } = await opened();
  await reconcile();
  expect([await isClosed(), warned.events]).toEqual([false, expect.not.arrayContaining(['gate.left'])]);
  await records.finishDeploy('web', 'd1', { status: 'SUCCEEDED', finishedAtMs: 1 });
  await records.releaseLock({ fleet: 'web', deployId: 'd1', fencingToken: lease.fencingToken });
  await records.closeDeploy('web', 'd1');
  await reconcile();
  expect([await isClosed(), warned.events]).toEqual([true, expect.arrayContaining(['gate.left'])]);
});

it('has a rule of one header, whose neutral value is the full name of its group; one that is deleted is closed', async () => {
  let conditions: RuleCondition[] = [];
  const client = new ElasticLoadBalancingV2Client({ region: 'eu-west-1' });
  client.send = (async (command: { readonly input: { readonly Conditions?: RuleCondition[] } }) => {
    if (command.input.Conditions) conditions = command.input.Conditions;
    return { Rules: [{ Conditions: conditions }] };
  }) as typeof client.send;
  const targetGroupArn = 'arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/gate/1';
  const rule = createGateRule(client, { ruleArn: 'rule', targetGroupArn });
  const valueNow = () => conditions.map(({ HttpHeaderConfig }) => [HttpHeaderConfig?.HttpHeaderName, HttpHeaderConfig?.Values]);
  await rule.open('f'.repeat(32));
  expect([valueNow(), await rule.isOpen()]).toEqual([[['X-Holdfast-Gate', ['f'.repeat(32)]]], true]);
  await rule.close();
  expect([valueNow(), await rule.isOpen()]).toEqual([[['X-Holdfast-Gate', ['targetgroup/gate/1']]], false]);
  client.send = (() => Promise.reject(Object.assign(new Error(), { name: 'RuleNotFoundException' }))) as typeof client.send;
  expect([await rule.isOpen(), await rule.close()]).toEqual([false, undefined]);
});

const failing = (name: string) => () => Promise.reject(Object.assign(new Error(name), { name }));

it('is closed and emptied one by one: the group is emptied even if the rule cannot be read, and one that is deleted is empty', async () => {
  const { gate, gateGroup } = await opened();
  const rule: GateFront['rule'] = { ...gate.rule, isOpen: failing('Throttling'), open: async () => {} };
  await expect(closeGate({ rule, group: gateGroup })).rejects.toThrow('Throttling');
  expect(gateGroup.states).toEqual({});
  const group = { ...gateGroup, describeHealth: failing('TargetGroupNotFoundException') };
  expect(await closeGate({ rule: { ...rule, isOpen: async () => true }, group })).toBe(true);
  await expect(closeGate({ rule, group: { ...group, describeHealth: failing('AccessDenied') } })).rejects.toThrow('Throttling');
});

it('that cannot be closed keeps neither the clean-up nor the lifecycles', async () => {
  const { cleanUp, records, ports, gate, executions, warned } = await opened();
  gate.rule.isOpen = failing('AccessDenied');
  const { deploy, lease } = await claimWith(cleanUp);
  expect(await cleanUp({ step: 'checkServing', deploy, lease, waitingSinceMs: 0 })).toMatchObject({ verdict: 'DONE' });
  expect((ports.log as typeof warned).events).toContain('gate.left');
  await records.finishDeploy('web', 'd1', { status: 'SUCCEEDED', finishedAtMs: 1 });
  await records.releaseLock({ fleet: 'web', deployId: 'd1', fencingToken: lease.fencingToken });
  await records.closeDeploy('web', 'd1');
  const asked: string[] = [];
  const reconcile = createReconcile({
    ...{ ...ports, records, executions, log: warned, metrics: { count: () => {} }, cleanUpStateMachineArn: machine('clean-up') },
    lifecycles: {
      group: {
        name: 'web',
        async describe() {
          asked.push('web');
          return { members: [], targetGroupArns: [], suspendedProcesses: [] };
        },
      },
      machineArns: { launch: machine('launch'), terminate: machine('terminate') },
      polling: POLL_ONCE,
    },
  });
  await expect(reconcile()).rejects.toThrow('AccessDenied');
  expect(asked).toEqual(['web']);
});
