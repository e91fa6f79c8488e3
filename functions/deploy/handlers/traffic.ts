import { createLog } from '../../shared/logger.ts';
import { PATIENCE } from '../../shared/patient.ts';
import { recordsFrom, targetGroupFrom } from '../../shared/ports-from-environment.ts';
import { stepHandler } from '../../shared/step-handler.ts';
import type { RollReply, TrafficRequest } from '../contract.ts';
import { createTraffic } from '../traffic.ts';

const log = createLog('deploy-traffic');

export const handler = stepHandler<TrafficRequest, RollReply>(log, (environment) =>
  createTraffic({ records: recordsFrom(environment), targetGroup: targetGroupFrom(environment), log, now: Date.now, patience: PATIENCE }),
);
