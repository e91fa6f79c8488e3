import { dynamoIncidentRecords } from '../../incidents/records/dynamo-incident-records.ts';
import { recordsTableFrom } from '../../records/dynamo-records.ts';
import { createLog } from '../../shared/logger.ts';
import { renderIncidents } from '../render.ts';
import { widgetHandler } from '../serve-widget.ts';

export const handler = widgetHandler(createLog('incidents-widget'), 'incidents', (environment) => {
  const records = dynamoIncidentRecords(recordsTableFrom(environment));
  return async (rows, viewer) => renderIncidents(await records.latestIncidents(rows), viewer, Date.now());
});
