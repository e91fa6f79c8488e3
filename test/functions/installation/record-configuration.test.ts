import { describe, expect, it } from 'vitest';
import { type RecordRequest, recordConfiguration } from '../../../functions/installation/record-configuration.ts';
import { recordingLog } from '../fakes/fixtures.ts';

const REQUEST: RecordRequest = {
  RequestType: 'Create',
  ResponseURL: 'https://answers.example/secret',
  StackId: 'stack',
  RequestId: 'r1',
  LogicalResourceId: 'Recorded',
  ResourceProperties: { TableName: 'holdfast-records', Contract: '3', Version: '0.3.0', Configuration: '{"installation":"holdfast"}' },
};
const ABOUT = { StackId: 'stack', RequestId: 'r1', LogicalResourceId: 'Recorded', PhysicalResourceId: 'holdfast-records' };

function world({ denials = 0, error }: { denials?: number; error?: Error } = {}) {
  const written: unknown[] = [];
  const answers: object[] = [];
  const pauses: number[] = [];
  let left = denials;
  const ports = {
    put: async (...args: unknown[]) => {
      if (left-- > 0) throw Object.assign(new Error('not authorized to perform: dynamodb:PutItem'), { name: 'AccessDeniedException' });
      if (error) throw error;
      written.push(args);
    },
    answer: async (_: string, body: object) => void answers.push(body),
    pause: async (ms: number) => void pauses.push(ms),
    log: recordingLog(),
  };
  return { written, answers, pauses, ports };
}

describe('the custom resource of the configuration', () => {
  it.each(['Create', 'Update'] as const)('replaces the record on %s', async (RequestType) => {
    const { ports, written, answers } = world();
    await recordConfiguration(ports, { ...REQUEST, RequestType });
    expect(written).toEqual([
      [
        'holdfast-records',
        { pk: 'INSTALLATION', sk: 'CONFIGURATION' },
        { contract: 3, version: '0.3.0', configuration: '{"installation":"holdfast"}' },
      ],
    ]);
    expect(answers).toEqual([{ Status: 'SUCCESS', ...ABOUT }]);
  });

  it('leaves the record on Delete: a table that stays keeps all its records', async () => {
    const { ports, written, answers } = world();
    await recordConfiguration(ports, { ...REQUEST, RequestType: 'Delete', PhysicalResourceId: 'holdfast-records' });
    expect([written, answers]).toEqual([[], [{ Status: 'SUCCESS', ...ABOUT }]]);
  });

  it('waits for IAM, and not forever', async () => {
    const { ports, written, pauses } = world({ denials: 2 });
    await recordConfiguration(ports, REQUEST);
    expect([written.length, pauses]).toEqual([1, [1_000, 2_000]]);
    const never = world({ denials: 100 });
    await recordConfiguration(never.ports, REQUEST);
    expect(never.answers).toMatchObject([{ Status: 'FAILED', Reason: expect.stringContaining('not authorized') }]);
    expect(never.pauses).toHaveLength(5);
  });

  it('answers any other error at once, with what to do, and logs it', async () => {
    const { ports, answers, pauses } = world({ error: new Error('Rate exceeded') });
    await recordConfiguration(ports, REQUEST);
    const Reason = 'the configuration was not recorded in holdfast-records: deploy again. Error: Rate exceeded';
    expect(answers).toEqual([{ Status: 'FAILED', Reason, ...ABOUT }]);
    expect([pauses, ports.log.events]).toEqual([[], ['installation.notRecorded']]);
    expect(JSON.stringify(answers)).not.toContain('secret');
  });
});
