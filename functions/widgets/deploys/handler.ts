import { dynamoDeployRecords } from '../../records/dynamo-deploy-records.ts';
import { recordsTableFrom } from '../../records/dynamo-records.ts';
import { RECORDS_ENV } from '../../records/keys.ts';
import { required } from '../../shared/environment.ts';
import { createLog } from '../../shared/logger.ts';
import { renderDeploys } from '../render.ts';
import { widgetHandler } from '../serve-widget.ts';

export const handler = widgetHandler(createLog('deploys-widget'), 'deploys', (environment) => {
  const fleet = required(environment, RECORDS_ENV.fleet);
  const records = dynamoDeployRecords(recordsTableFrom(environment));
  return async (rows, viewer) => renderDeploys(await records.latestDeploys(fleet, rows), viewer, Date.now());
});
