/** Calls that changed something, with their times: what CloudTrail's event history lists. */
import { randomUUID } from 'node:crypto';
import type { Calls, RecordedCall } from '../iam/calls.ts';
import type { Now } from '../interfaces.ts';

export interface HistoricCall extends RecordedCall {
  readonly eventId: string;
  readonly atMs: number;
  /** The service's name in policies: `elasticloadbalancing`. */
  readonly service: string;
  readonly operation: string;
}

export interface CallHistory {
  /** Records what passes on to `calls`. */
  recording(calls: Calls): Calls;
  /** What CloudTrail has by now, latest first. */
  list(): readonly HistoricCall[];
}

/** Most events come after five minutes. @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html */
const DELAY_MS = 330_000;
/** The rest is forgotten, the oldest first: some 3 MB. */
const MOST_CALLS = 10_000;

const READS = /^(BatchGet|Check|Describe|Filter|Get|Head|List|Lookup|Query|Scan|Search|Simulate|StartQuery)/;
/** What is done with a resource's data, in hundreds a minute, is no management event. */
const DATA: readonly string[] = [
  'cloudwatch:PutMetricData',
  'events:PutEvents',
  'kms:Decrypt',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'lambda:InvokeFunction',
  'sns:Publish',
  'ssm:UpdateInstanceInformation',
];
const DATA_SERVICES: readonly string[] = ['dynamodb', 'ec2messages', 'elasticfilesystem', 'logs', 's3', 'sqs', 'ssmmessages', 'xray'];

export function createCallHistory({ now, delayMs = DELAY_MS }: { now: Now; delayMs?: number | undefined }): CallHistory {
  const history: HistoricCall[] = [];
  const add = (call: RecordedCall) => {
    const [service = '', operation = ''] = call.action.split(':');
    if (READS.test(operation) || DATA.includes(call.action) || DATA_SERVICES.includes(service)) return;
    history.push({ ...call, service, operation, eventId: randomUUID(), atMs: now() });
    if (history.length > MOST_CALLS) history.shift();
  };
  return {
    recording: (calls) => ({
      ...calls,
      record(call) {
        add(call);
        calls.record(call);
      },
    }),
    list: () => history.filter(({ atMs }) => atMs <= now() - delayMs).reverse(),
  };
}
