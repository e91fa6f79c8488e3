import { z } from 'zod';
import { requiredText } from '../../service/parse-input.ts';
import { AwsError, type Operation } from '../../service/service.ts';
import { describeGroup } from '../describe-group.ts';
import { NODE_GROUP_ID } from '../group-spec.ts';
import { parseInput } from '../input.ts';
import type { ElastiCacheState } from '../state.ts';
import { availableGroup } from './replication-groups.ts';

const DAY_MS = 24 * 3_600_000;
/** Node groups that TestFailover takes in any 24 hours. */
const DAILY_LIMIT = 15;

const fields = z.object({ ReplicationGroupId: requiredText, NodeGroupId: requiredText });

/** TestFailover. It returns at once; events and the endpoints show when the failover is complete. */
export function testFailoverOperation(state: ElastiCacheState): Record<string, Operation> {
  return {
    TestFailover: (raw) => {
      const input = parseInput(fields, raw);
      const group = state.group(input.ReplicationGroupId);
      if (input.NodeGroupId !== NODE_GROUP_ID) {
        throw new AwsError(
          'NodeGroupNotFoundFault',
          `Node group ${input.NodeGroupId} not found in replication group ${group.spec.id}.`,
          404,
        );
      }
      availableGroup(state, group.spec.id);
      if (!group.spec.automaticFailover) {
        throw new AwsError(
          'TestFailoverNotAvailableFault',
          `Test Failover is not available for ${group.spec.id}: automatic failover is disabled.`,
        );
      }
      const since = state.options.now() - DAY_MS;
      const calls = [...state.groups.values()].flatMap(({ testFailovers }) => testFailovers).filter((atMs) => atMs > since);
      if (calls.length >= DAILY_LIMIT) {
        throw new AwsError('APICallRateForCustomerExceeded', `TestFailover takes ${DAILY_LIMIT} node groups in 24 hours.`);
      }
      group.testFailover();
      return { ReplicationGroup: describeGroup(state, group) };
    },
  };
}
