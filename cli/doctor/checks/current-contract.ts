import type { AppContract } from '../../../functions/shared/app-contract.ts';
import type { Facts } from '../facts.ts';
import { seen } from '../look.ts';

/** Contract of the release that the fleet runs; undefined when nothing is published or it was not seen. */
export function currentContract({ fleetRecord, releases }: Pick<Facts, 'fleetRecord' | 'releases'>): AppContract | undefined {
  const current = seen(fleetRecord)?.currentVersion;
  return seen(releases)?.find(({ version }) => version === current)?.app;
}
