import { expect, it } from 'vitest';
import { AwsServiceError } from '../../../../../functions/shared/aws/signed/signed-calls.ts';
import { signedCommands } from '../../../../../functions/shared/aws/signed/signed-commands.ts';

const commandsAnswering = (answer: object | Error) => {
  const seen: [string, object][] = [];
  const commands = signedCommands(async <T>(operation: string, input: object) => {
    seen.push([operation, input]);
    if (answer instanceof Error) throw answer;
    return answer as T;
  });
  return { seen, commands };
};

it('sends a document to one instance, every parameter as a list', async () => {
  const { seen, commands } = commandsAnswering({ Command: { CommandId: 'c-1' } });
  const order = { documentName: 'holdfast-read-logs', instanceId: 'i-1', parameters: { fromMs: '3' }, comment: 'x'.repeat(200) };
  expect(await commands.send(order)).toBe('c-1');
  const sent = { DocumentName: 'holdfast-read-logs', DocumentVersion: '$LATEST', InstanceIds: ['i-1'], TimeoutSeconds: 60 };
  expect(seen).toEqual([['SendCommand', { ...sent, Comment: 'x'.repeat(100), Parameters: { fromMs: ['3'] } }]]);
});

it('reads the output of one step', async () => {
  const { seen, commands } = commandsAnswering({ Status: 'Success', StatusDetails: 'Success', StandardOutputContent: '{}' });
  expect(await commands.describe('c-1', 'i-1', 'read')).toEqual({
    ...{ state: 'succeeded', statusDetails: 'Success', output: '{}', errorOutput: '' },
  });
  expect(seen).toEqual([['GetCommandInvocation', { CommandId: 'c-1', InstanceId: 'i-1', PluginName: 'read' }]]);
});

it.each([
  [{ Status: 'Pending' }, { state: 'running', undelivered: true }],
  [{ Status: 'InProgress' }, { state: 'running' }],
  [new AwsServiceError('InvocationDoesNotExist', 'not yet', 400), { state: 'running', undelivered: true }],
  [
    { Status: 'Failed', StatusDetails: 'Undeliverable' },
    { state: 'failed', statusDetails: 'Undeliverable', output: '', errorOutput: '' },
  ],
])('takes %o for %o', async (answer, state) => {
  expect(await commandsAnswering(answer).commands.describe('c-1', 'i-1')).toEqual(state);
});

it('throws what is no matter of time', async () => {
  const refused = new AwsServiceError('AccessDeniedException', 'no', 400);
  await expect(commandsAnswering(refused).commands.describe('c-1', 'i-1')).rejects.toBe(refused);
});
