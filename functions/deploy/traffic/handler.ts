import { recordsFrom } from '../../records/dynamo-records.ts';
import type { Environment } from '../../shared/environment.ts';
import { createLog } from '../../shared/logger.ts';
import { POLLING } from '../../shared/poll.ts';
import { stepHandler } from '../../shared/step-handler.ts';
import type { RollReply, TrafficRequest } from '../contract/roll.ts';
import { readMembers, targetGroupFrom } from '../ports-from-environment.ts';
import { createTraffic } from './traffic.ts';

const log = createLog('deploy-traffic');

/** The function's core with the adapters that its environment names. */
export const wire = (environment: Environment) =>
  createTraffic({
    records: recordsFrom(environment),
    targetGroup: targetGroupFrom(environment),
    isReplaced: readMembers(environment) === undefined,
    log,
    now: Date.now,
    polling: POLLING,
  });

export const handler = stepHandler<TrafficRequest, RollReply>(log, wire);
