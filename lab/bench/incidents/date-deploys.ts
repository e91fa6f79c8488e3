/** Dates the deploys that brought the fleet up: users who are logged out right after a deploy are a cause of their own. */
import type { OpenCloud } from '../../../cli/open-stores.ts';
import { recordKeys } from '../../../functions/records/keys.ts';
import { recordsTableOf } from './records-table-of.ts';

const MOST_DEPLOYS = 20;
/** Runbooks look at the deploys of the day before. */
export const LONG_AGO_MS = 48 * 3_600_000;

/** @param agoMs since the end of the latest deploy; the others keep their distance from it */
export async function dateDeploys(cloud: OpenCloud<'records'>, agoMs: number): Promise<void> {
  const { fleet, records } = cloud;
  const table = recordsTableOf(cloud);
  const deploys = await records.latestDeploys(fleet, MOST_DEPLOYS);
  const byMs = Date.now() - agoMs - Math.max(...deploys.map(({ startedAtMs, finishedAtMs = startedAtMs }) => finishedAtMs));
  for (const { deployId, startedAtMs, finishedAtMs = startedAtMs } of deploys) {
    await table.update(recordKeys.deploy(fleet, deployId), {
      UpdateExpression: 'SET startedAtMs = :started, finishedAtMs = :finished',
      ExpressionAttributeValues: { ':started': startedAtMs + byMs, ':finished': finishedAtMs + byMs },
    });
  }
}
