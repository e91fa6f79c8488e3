import { SSMClient } from '@aws-sdk/client-ssm';
import { beforeEach, describe, expect, it } from 'vitest';
import { createAgents, createRunCommand, createRunningCommands } from '../../../../functions/shared/aws/run-command.ts';
import { stubHttp } from '../../fakes/stub-http.ts';

let http: ReturnType<typeof stubHttp>;
let client: SSMClient;

beforeEach(() => {
  http = stubHttp();
  client = new SSMClient(http.config);
});

describe('Run Command', () => {
  it('sends a document to one instance, every parameter as a list', async () => {
    http.answer(JSON.stringify({ Command: { CommandId: 'c-1' } }));
    const order = { documentName: 'holdfast-observe', instanceId: 'i-1', parameters: { attempts: '3' }, comment: 'x'.repeat(200) };
    expect(await createRunCommand(client).send(order)).toBe('c-1');
    expect(JSON.parse(http.seen[0]?.body ?? '')).toEqual({
      DocumentName: 'holdfast-observe',
      DocumentVersion: '$LATEST',
      InstanceIds: ['i-1'],
      TimeoutSeconds: 60,
      Comment: 'x'.repeat(100),
      Parameters: { attempts: ['3'] },
    });
  });

  it('sends the requested version of a document', async () => {
    http.answer(JSON.stringify({ Command: { CommandId: 'c-1' } }));
    const order = { documentName: 'holdfast-observe', documentVersion: '7', instanceId: 'i-1', parameters: {}, comment: '' };
    await createRunCommand(client).send(order);
    expect(JSON.parse(http.seen[0]?.body ?? '')).toMatchObject({ DocumentName: 'holdfast-observe', DocumentVersion: '7' });
  });

  it("reads the number of a document's latest version, whichever is the default one", async () => {
    http.answer(JSON.stringify({ Document: { DefaultVersion: '4', LatestVersion: '5' } }));
    expect(await createRunCommand(client).latestVersion('holdfast-observe')).toBe('5');
    http.answer(JSON.stringify({ Document: {} }));
    await expect(createRunCommand(client).latestVersion('holdfast-observe')).rejects.toThrow('holdfast-observe');
  });

  it('reads the output of one step', async () => {
    http.answer(JSON.stringify({ Status: 'Success', StatusDetails: 'Success', StandardOutputContent: '{}', StandardErrorContent: '' }));
    expect(await createRunCommand(client).describe('c-1', 'i-1', 'install')).toEqual({
      state: 'succeeded',
      statusDetails: 'Success',
      output: '{}',
      errorOutput: '',
    });
    expect(JSON.parse(http.seen[0]?.body ?? '')).toEqual({ CommandId: 'c-1', InstanceId: 'i-1', PluginName: 'install' });
  });

  it.each(['Pending', 'Delayed'])('takes %s for running and undelivered', async (Status) => {
    http.answer(JSON.stringify({ Status }));
    expect(await createRunCommand(client).describe('c-1', 'i-1')).toEqual({ state: 'running', undelivered: true });
  });

  it.each(['InProgress', 'Cancelling'])('takes %s for running', async (Status) => {
    http.answer(JSON.stringify({ Status }));
    expect(await createRunCommand(client).describe('c-1', 'i-1', 'install')).toEqual({ state: 'running' });
  });

  it.each(['Failed', 'Cancelled', 'TimedOut'])('takes %s for failed', async (Status) => {
    http.answer(JSON.stringify({ Status, StatusDetails: 'ExecutionTimedOut' }));
    expect(await createRunCommand(client).describe('c-1', 'i-1', 'install')).toMatchObject({
      state: 'failed',
      statusDetails: 'ExecutionTimedOut',
    });
  });

  it.each(['InvocationDoesNotExist', 'InvalidPluginName'])('takes %s for running: the invocation is not visible yet', async (code) => {
    http.answer(JSON.stringify({ __type: code }), 400);
    expect(await createRunCommand(client).describe('c-1', 'i-1', 'install')).toEqual({ state: 'running', undelivered: true });
  });

  it('throws other errors', async () => {
    http.answer(JSON.stringify({ __type: 'InvalidCommandId' }), 400);
    await expect(createRunCommand(client).describe('c-1', 'i-1', 'install')).rejects.toMatchObject({ name: 'InvalidCommandId' });
  });
});

it('describes agents in pages of 50', async () => {
  http.answer(JSON.stringify({ InstanceInformationList: [{ InstanceId: 'i-1', AgentVersion: '3.3.1', PingStatus: 'ConnectionLost' }] }));
  const ids = Array.from({ length: 60 }, (_, index) => `i-${index}`);
  expect((await createAgents(client).describe(ids))[0]).toEqual({ instanceId: 'i-1', version: '3.3.1', online: false });
  expect(http.seen.map(({ body }) => JSON.parse(body).Filters[0].Values.length)).toEqual([50, 10]);
});

it('follows a page without agents to the next one', async () => {
  const agent = { InstanceId: 'i-1', AgentVersion: '3.3.1', PingStatus: 'Online' };
  http.answerBy((asked) =>
    JSON.stringify(asked.includes('more') ? { InstanceInformationList: [agent] } : { InstanceInformationList: [], NextToken: 'more' }),
  );
  expect(await createAgents(client).describe(['i-1'])).toEqual([{ instanceId: 'i-1', version: '3.3.1', online: true }]);
});

describe('running commands', () => {
  const invocation = (CommandId: string, Status: string, DocumentName = 'ours') => ({ CommandId, Status, DocumentName });
  const running = (known?: string) => createRunningCommands(client, ['ours']).running('i-1', Date.UTC(2026, 0, 5, 12, 0, 0, 250), known);

  it('are those of our documents that have not ended, since the deploy began', async () => {
    http.answer(
      JSON.stringify({
        CommandInvocations: [
          invocation('a', 'InProgress'),
          invocation('b', 'Success'),
          invocation('c', 'InProgress', 'AWS-RunShellScript'),
          invocation('d', 'Cancelling'),
        ],
      }),
    );
    expect(await running()).toEqual(['a', 'd']);
    expect(JSON.parse(http.seen[0]?.body ?? '')).toEqual({
      InstanceId: 'i-1',
      Filters: [{ key: 'InvokedAfter', value: '2026-01-05T12:00:00Z' }],
      MaxResults: 50,
    });
  });

  it('are those of every page', async () => {
    http.answerBy((asked) =>
      JSON.stringify(
        asked.includes('"NextToken":"more"')
          ? { CommandInvocations: [invocation('b', 'Pending')] }
          : { CommandInvocations: [invocation('a', 'InProgress')], NextToken: 'more' },
      ),
    );
    expect(await running()).toEqual(['a', 'b']);
  });

  it('are none on an instance that is gone', async () => {
    http.answer(JSON.stringify({ __type: 'InvalidInstanceId', message: 'gone' }), 400);
    expect(await running()).toEqual([]);
  });

  it('include one on record that is not listed by its instance yet', async () => {
    http.answer(JSON.stringify({ CommandInvocations: [], Status: 'Pending' }));
    expect(await running('z')).toEqual(['z']);
    http.answer(JSON.stringify({ CommandInvocations: [], Status: 'Success' }));
    expect(await running('z')).toEqual([]);
  });
});
