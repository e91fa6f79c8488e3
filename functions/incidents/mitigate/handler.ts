import { createLog } from '../../shared/logger.ts';
import { stepHandler } from '../../shared/step-handler.ts';
import { fleetsFrom } from '../collect/read-fleets.ts';
import type { MitigateReply, MitigateStep } from '../contract/steps.ts';
import { mitigateWith } from './mitigate-from-environment.ts';
import { createMitigations } from './registry.ts';

const log = createLog('incidents-mitigate');

export const handler = stepHandler<MitigateStep, MitigateReply>(log, async (environment) =>
  mitigateWith(createMitigations(environment, await fleetsFrom(environment)), environment, log),
);
