/** A deploy that settles long enough for the minute of its drains to be reported. */
import { describe, it } from 'vitest';
import { fleetAlarmName } from '../../functions/shared/naming.ts';
import { deployUnderFault } from './deploy-under-fault.ts';
import { SLOW_PROPAGATION, withHastyDrain } from './hasty-drain.ts';

describe('a deploy whose drain step returns at once', () => {
  it('does not settle green: requests met servers that refused them', { timeout: 600_000 }, async () => {
    await withHastyDrain(() =>
      deployUnderFault({
        fault: 'a drain that does not wait',
        rules: () => [SLOW_PROPAGATION],
        settings: {
          settleSeconds: 70,
          alarmNames: [
            fleetAlarmName('holdfast', 'web', 'target-connection-errors'),
            fleetAlarmName('holdfast', 'web', 'load-balancer-5xx'),
          ],
        },
        ends: { error: 'AlarmFired' },
        mayFail: () => true,
        mayLose: ({ sessionsLost }) => sessionsLost,
      }),
    );
  });
});
