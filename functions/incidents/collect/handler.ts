import { createLog } from '../../shared/logger.ts';
import { stepHandler } from '../../shared/step-handler.ts';
import type { CollectReply, CollectStep } from '../contract/steps.ts';
import { fleetsFrom } from './fleets.ts';
import { collectWith } from './run-collector.ts';
import { createSources } from './sources.ts';

export const handler = stepHandler<CollectStep, CollectReply>(createLog('incidents-collect'), async (environment) =>
  collectWith(createSources(environment, await fleetsFrom(environment)), environment),
);
