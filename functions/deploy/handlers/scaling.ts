import { createLog } from '../../shared/logger.ts';
import { autoScalingGroupFrom, recordsFrom } from '../../shared/ports-from-environment.ts';
import { stepHandler } from '../../shared/step-handler.ts';
import type { Resumed, ScalingRequest, Suspension } from '../contract.ts';
import { createScaling } from '../scaling.ts';

const log = createLog('deploy-scaling');

export const handler = stepHandler<ScalingRequest, Suspension | Resumed>(log, (environment) =>
  createScaling({ records: recordsFrom(environment), group: autoScalingGroupFrom(environment), log, now: Date.now }),
);
