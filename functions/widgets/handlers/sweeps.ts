import { ENV } from '../../deploy/contract.ts';
import { createDocumentClient } from '../../shared/dynamo-records.ts';
import { required } from '../../shared/environment.ts';
import { createLog } from '../../shared/logger.ts';
import { createRecordsTable } from '../../shared/records-table.ts';
import { dynamoSweepRecords } from '../../sweep/sweep-records.ts';
import { renderSweeps } from '../render-sweeps.ts';
import { widgetHandler } from '../serve-widget.ts';

export const handler = widgetHandler(createLog('sweeps-widget'), 'sweeps', (environment) => {
  const records = dynamoSweepRecords(createRecordsTable(createDocumentClient(), required(environment, ENV.recordsTable)));
  return async (rows, viewer) => renderSweeps((await records.listSweeps()).slice(0, rows), viewer, Date.now());
});
