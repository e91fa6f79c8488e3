/**
 * An agent that answers nothing while the service still shows it as Online.
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../../../test/until.ts';
import { type Outcome, scriptDocument, startFleet, type TestFleet } from '../../../demo/test/aws/instances/test-fleet.ts';

/** Commands must have 30 s at least to reach their agent; a second is this long here. */
const SECOND_MS = 100;

let fleet: TestFleet;
let instanceId: string;
let silent = false;
let marks = 0;

beforeAll(async () => {
  fleet = await startFleet({ agentIsSilent: () => silent, secondMs: SECOND_MS });
  instanceId = (await fleet.launch({ userData: '' })).instanceId;
});
beforeEach(() => {
  silent = false;
});
afterAll(() => fleet.stop());

/** Sends a script that leaves a file behind when it ends, which it does not before it may. */
async function send(mayEnd = true, timeoutSeconds = '40'): Promise<{ commandId: string; mark: string; letEnd: () => void }> {
  marks += 1;
  const mark = join(fleet.folder, `mark-${marks}`);
  const go = join(fleet.folder, `go-${marks}`);
  const letEnd = () => writeFileSync(go, '');
  if (mayEnd) letEnd();
  const Name = `script-${marks}`;
  await fleet.call('CreateDocument', {
    Name,
    Content: scriptDocument([`until [ -e "${go}" ]; do sleep 0.05; done`, `touch "${mark}"`], { timeoutSeconds }),
  });
  const { Command } = await fleet.call<{ Command: { CommandId: string } }>('SendCommand', {
    DocumentName: Name,
    InstanceIds: [instanceId],
    TimeoutSeconds: 30,
  });
  return { commandId: Command.CommandId, mark, letEnd };
}
const ask = (commandId: string) => fleet.call<Outcome>('GetCommandInvocation', { CommandId: commandId, InstanceId: instanceId });
const inProgress = (commandId: string) => until(async () => (await ask(commandId)).Status === 'InProgress');

describe('a silent agent', () => {
  it('takes commands that stay Pending and end as DeliveryTimedOut, undone', async () => {
    silent = true;
    const { commandId, mark } = await send();
    // 30 s for the delivery and 40 for the step: past the first of the two it is still Pending.
    await new Promise((resolve) => setTimeout(resolve, 40 * SECOND_MS));
    expect(await ask(commandId)).toMatchObject({ Status: 'Pending' });
    expect(await fleet.wait(instanceId, commandId)).toMatchObject({ Status: 'TimedOut', StatusDetails: 'DeliveryTimedOut' });
    expect(existsSync(mark)).toBe(false);
    expect(
      (await fleet.call<{ InstanceInformationList: object[] }>('DescribeInstanceInformation', {})).InstanceInformationList,
    ).toMatchObject([{ PingStatus: 'Online' }]);
  });

  it('runs the command when it answers again in time', async () => {
    silent = true;
    const { commandId } = await send();
    await new Promise((resolve) => setTimeout(resolve, 5 * SECOND_MS));
    silent = false;
    expect(await fleet.wait(instanceId, commandId)).toMatchObject({ Status: 'Success' });
  });

  it('that stops answering during its work finishes it and ends as ExecutionTimedOut, counted from the start', async () => {
    const { commandId, mark, letEnd } = await send(false);
    await inProgress(commandId);
    silent = true;
    letEnd();
    const outcome = await fleet.wait(instanceId, commandId);
    expect(outcome).toMatchObject({ Status: 'TimedOut', StatusDetails: 'ExecutionTimedOut' });
    expect(existsSync(mark)).toBe(true);
    // The step's 40 s, and not the 30 s of the delivery as well.
    const elapsedMs = 1_000 * Number(/^PT(.+)S$/.exec(outcome.ExecutionElapsedTime)?.[1]);
    expect(elapsedMs).toBeGreaterThanOrEqual(40 * SECOND_MS - 50);
    expect(elapsedMs).toBeLessThan(70 * SECOND_MS);
  });

  it('does not receive the cancellation of its command', async () => {
    const { commandId, mark, letEnd } = await send(false);
    await inProgress(commandId);
    silent = true;
    await fleet.call('CancelCommand', { CommandId: commandId });
    expect(await ask(commandId)).toMatchObject({ Status: 'Cancelling' });
    letEnd();
    await until(() => existsSync(mark));
  });
});
