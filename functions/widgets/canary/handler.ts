import { readCanary } from '../../canary/contract/canary-records.ts';
import { recordsTableFrom } from '../../records/dynamo-records.ts';
import { RECORDS_ENV } from '../../records/keys.ts';
import { required } from '../../shared/environment.ts';
import { createLog } from '../../shared/logger.ts';
import { renderCanary } from '../render.ts';
import { widgetHandler } from '../serve-widget.ts';

export const handler = widgetHandler(createLog('canary-widget'), 'results of the canary', (environment) => {
  const table = recordsTableFrom(environment);
  const fleet = required(environment, RECORDS_ENV.fleet);
  return async (rows, viewer) => renderCanary(await readCanary(table, fleet), viewer, rows);
});
