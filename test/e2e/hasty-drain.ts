/** A deploy whose drain step returns at once: the server is stopped while the load balancer still sends it requests. */
import { DescribeStateMachineCommand, UpdateStateMachineCommand } from '@aws-sdk/client-sfn';
import { expect } from 'vitest';
import { rollTargetStateMachineName } from '../../functions/shared/naming.ts';
import { cloud } from './fleet.ts';

export const SLOW_PROPAGATION = { on: 'propagation', effect: { kind: 'lag', ms: 5_000 } } as const;

export async function withHastyDrain<T>(work: () => Promise<T>): Promise<T> {
  const { stepFunctions, deployStateMachineArn } = await cloud();
  const rollTargetArn = deployStateMachineArn.replace(/[^:]+$/, rollTargetStateMachineName('holdfast', 'web'));
  const definitionOf = async (stateMachineArn: string) =>
    (await stepFunctions.send(new DescribeStateMachineCommand({ stateMachineArn }))).definition as string;
  const redefine = (stateMachineArn: string, definition: string) =>
    stepFunctions.send(new UpdateStateMachineCommand({ stateMachineArn, definition }));
  const [rolling, drained] = [await definitionOf(deployStateMachineArn), await definitionOf(rollTargetArn)];
  const hasty = JSON.parse(drained) as { States: Record<string, { Next?: string }> };
  expect(hasty.States['Drain']).toMatchObject({ Type: 'Task' });
  hasty.States['Drain'] = { Type: 'Pass', Next: 'Install' } as { Next: string };
  // The deploy starts a published version of the other machine: here it starts the latest definition.
  const unpinned = rolling.replaceAll(new RegExp(`${rollTargetArn}:[0-9]+`, 'g'), rollTargetArn);
  expect(unpinned).not.toBe(rolling);
  await redefine(rollTargetArn, JSON.stringify(hasty));
  await redefine(deployStateMachineArn, unpinned);
  try {
    return await work();
  } finally {
    await redefine(deployStateMachineArn, rolling);
    await redefine(rollTargetArn, drained);
  }
}
