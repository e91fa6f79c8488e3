import { recordsFrom } from '../../records/dynamo-records.ts';
import { createLog } from '../../shared/logger.ts';
import { POLLING } from '../../shared/poll.ts';
import { stepHandler } from '../../shared/step-handler.ts';
import type { RollReply, TrafficRequest } from '../contract/roll.ts';
import { targetGroupFrom } from '../ports-from-environment.ts';
import { createTraffic } from './traffic.ts';

const log = createLog('deploy-traffic');

export const handler = stepHandler<TrafficRequest, RollReply>(log, (environment) =>
  createTraffic({ records: recordsFrom(environment), targetGroup: targetGroupFrom(environment), log, now: Date.now, polling: POLLING }),
);
