/** The custom resource that keeps the resolved configuration in the records table: CloudFormation has no resource for an item. */
import { recordKeys } from '../records/keys.ts';
import type { RecordKey } from '../records/records-table.ts';
import { type CustomResourceRequest, onceAllowed } from '../shared/aws/answer-cloud-formation.ts';
import { describeError } from '../shared/errors.ts';
import { LOG_EVENTS, type Log } from '../shared/log-events.ts';
import type { Pause } from '../shared/poll.ts';
import type { InstallationRecord, RecordedProperties } from './contract.ts';

export type RecordRequest = CustomResourceRequest<RecordedProperties>;

export interface RecordPorts {
  readonly put: (table: string, key: RecordKey, record: InstallationRecord) => Promise<void>;
  readonly answer: (url: string, body: object) => Promise<void>;
  readonly log: Log;
  readonly pause: Pause;
}

/** When it is created or updated; the table keeps it. Always responds: without a response the stack waits. */
export async function recordConfiguration({ put, answer, log, pause }: RecordPorts, request: RecordRequest): Promise<void> {
  const { RequestType, ResponseURL, StackId, RequestId, LogicalResourceId, ResourceProperties } = request;
  const { TableName, Contract, Version, Configuration } = ResourceProperties;
  const about = { StackId, RequestId, LogicalResourceId, PhysicalResourceId: request.PhysicalResourceId ?? TableName };
  const record = { contract: Number(Contract), version: Version, configuration: Configuration };
  let outcome: object = { Status: 'SUCCESS' };
  try {
    if (RequestType !== 'Delete') await onceAllowed(() => put(TableName, recordKeys.installation(), record), pause);
  } catch (error) {
    outcome = { Status: 'FAILED', Reason: `the configuration was not recorded in ${TableName}: deploy again. ${describeError(error)}` };
    log.warn(LOG_EVENTS.installationNotRecorded, { error: describeError(error) });
  }
  await answer(ResponseURL, { ...outcome, ...about });
}
