import type { BusEvent } from './event-bridge.ts';
import type { StatusChange } from './execution-record.ts';

/** The event that Step Functions sends as an execution begins or ends. */
export const statusEvent = (detail: StatusChange): BusEvent => ({
  source: 'aws.states',
  detailType: 'Step Functions Execution Status Change',
  resources: [detail.executionArn],
  detail,
});
