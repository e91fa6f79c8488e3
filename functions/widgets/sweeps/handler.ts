import { recordsTableFrom } from '../../records/dynamo-records.ts';
import { createLog } from '../../shared/logger.ts';
import { dynamoSweepRecords } from '../../sweep/sweep-records.ts';
import { renderSweeps } from '../render.ts';
import { widgetHandler } from '../serve-widget.ts';

export const handler = widgetHandler(createLog('sweeps-widget'), 'sweeps', (environment) => {
  const records = dynamoSweepRecords(recordsTableFrom(environment));
  return async (rows, viewer) => renderSweeps(await records.latestSweeps(rows), viewer, Date.now());
});
