import { SSMClient } from '@aws-sdk/client-ssm';
import { CLIENT_OPTIONS } from '../../shared/aws/client-options.ts';
import { createLog } from '../../shared/logger.ts';
import { stepHandler } from '../../shared/step-handler.ts';
import type { CollectReply, CollectStep } from '../contract/steps.ts';
import { fleetsFrom } from './fleets.ts';
import { collectWith } from './run-collector.ts';
import { createSources } from './sources.ts';

export const handler = stepHandler<CollectStep, CollectReply>(createLog('incidents-collect'), async (environment) =>
  collectWith(createSources(environment, await fleetsFrom(new SSMClient(CLIENT_OPTIONS), environment)), environment),
);
