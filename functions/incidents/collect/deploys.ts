import type { Records } from '../../records/records.ts';
import type { CollectRequest } from '../contract/collect.ts';
import type { Collected, DeployFacts } from '../contract/evidence.ts';

export interface DeploysPorts {
  readonly records: Pick<Records, 'latestDeploys' | 'getFleet'>;
  readonly now: () => number;
}

/** More never ran in the hours that an incident looks at. */
const MOST_DEPLOYS = 20;

/** Deploys that ran in the window, of every fleet of the incident. */
export function createDeploys({ records, now }: DeploysPorts): (request: CollectRequest) => Promise<Collected<DeployFacts>> {
  return async ({ fleets, fromMs, toMs }) => {
    const perFleet = await Promise.all(fleets.map((fleet) => records.latestDeploys(fleet, MOST_DEPLOYS)));
    const ran = perFleet.flat().filter(({ startedAtMs, finishedAtMs = toMs }) => startedAtMs <= toMs && finishedAtMs >= fromMs);
    const [only] = fleets.length === 1 ? fleets : [];
    const current = only === undefined ? undefined : await records.getFleet(only);
    return {
      takenAtMs: now(),
      facts: {
        deploys: ran
          .sort((a, b) => b.startedAtMs - a.startedAtMs)
          .map(({ deployId, from, to, status, startedAtMs, finishedAtMs }) => ({
            deployId,
            from,
            to,
            status,
            startedAtMs,
            ...(finishedAtMs !== undefined && { finishedAtMs }),
          })),
        currentVersion: current?.currentVersion ?? null,
      },
    };
  };
}
