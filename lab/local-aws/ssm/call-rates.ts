import type { CallRate } from '../service/call-rates.ts';

/**
 * Systems Manager throttles Run Command and publishes no rate. These are cautious assumptions, one bucket for each operation: those that
 * Elastic Load Balancing publishes for its own calls, of which the ones that change nothing are allowed more often.
 * @see https://github.com/aws/aws-rfdk/pull/1723 throttled by polls once a second of commands that run side by side
 */
export const SSM_CALL_RATES: readonly CallRate[] = [
  {
    operations: ['GetCommandInvocation', 'ListCommandInvocations', 'ListCommands', 'DescribeInstanceInformation'],
    shared: false,
    burst: 40,
    perSecond: 10,
  },
  { operations: ['SendCommand', 'CancelCommand'], shared: false, burst: 20, perSecond: 4 },
];
