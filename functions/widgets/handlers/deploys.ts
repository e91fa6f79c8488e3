import { ENV } from '../../deploy/contract.ts';
import { dynamoDeployRecords } from '../../shared/dynamo-deploy-records.ts';
import { createDocumentClient } from '../../shared/dynamo-records.ts';
import { required } from '../../shared/environment.ts';
import { createLog } from '../../shared/logger.ts';
import { createRecordsTable } from '../../shared/records-table.ts';
import { renderDeploys } from '../render-deploys.ts';
import { widgetHandler } from '../serve-widget.ts';

export const handler = widgetHandler(createLog('deploys-widget'), 'deploys', (environment) => {
  const fleet = required(environment, ENV.fleet);
  const records = dynamoDeployRecords(createRecordsTable(createDocumentClient(), required(environment, ENV.recordsTable)));
  return async (rows, viewer) => renderDeploys(await records.latestDeploys(fleet, rows), viewer, Date.now());
});
