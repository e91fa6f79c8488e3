import { recordsFrom } from '../../records/dynamo-records.ts';
import type { Suspension } from '../../records/types.ts';
import { createLog } from '../../shared/logger.ts';
import { stepHandler } from '../../shared/step-handler.ts';
import type { Resumed, ScalingRequest } from '../contract/scaling.ts';
import { autoScalingGroupFrom } from '../ports-from-environment.ts';
import { createScaling } from './scaling.ts';

const log = createLog('deploy-scaling');

export const handler = stepHandler<ScalingRequest, Suspension | Resumed>(log, (environment) =>
  createScaling({ records: recordsFrom(environment), group: autoScalingGroupFrom(environment), log, now: Date.now }),
);
