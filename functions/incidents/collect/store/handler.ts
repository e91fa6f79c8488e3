import { createLog } from '../../../shared/logger.ts';
import { stepHandler } from '../../../shared/step-handler.ts';
import type { CollectReply, CollectStep } from '../../contract/steps.ts';
import { collectWith } from '../collect-from-environment.ts';
import { createStoreSources } from './store-sources.ts';

/** Collects what only a connection to the session store shows; in the VPC. */
export const handler = stepHandler<CollectStep, CollectReply>(createLog('incidents-collect-store'), (environment) =>
  collectWith(createStoreSources(environment), environment),
);
