import type { Clients } from '../clients.ts';
import { aboutResource, lookUp } from '../lookup.ts';
import type { StoreScope } from '../subject.ts';
import type { StoreLookups } from './store-facts.ts';

/** A dry run, a run that changes lives and one that failed answer nothing: the last sweep is among as many. */
const READ = 20;

/** What the last sweep left for somebody to decide. */
export async function gatherDecisions(
  { sweeps }: Pick<Clients, 'sweeps'>,
  { recordsTable }: Pick<StoreScope, 'recordsTable'>,
): Promise<StoreLookups['openDecisions']> {
  const about = aboutResource('table', recordsTable, 'dynamodb:Query and dynamodb:BatchGetItem', {
    absentOn: ['ResourceNotFoundException'],
  });
  return lookUp(about, async () => {
    const latest = await sweeps.latestSweeps(READ);
    const last = latest.find(({ status, dryRun, lives }) => status === 'SUCCEEDED' && !dryRun && lives === undefined);
    return last?.summary?.unconfirmed ?? [];
  });
}
