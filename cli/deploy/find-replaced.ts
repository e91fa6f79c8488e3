import type { DeployRecord, FleetRecord, ReleaseRecord } from '../../functions/records/types.ts';
import { NO_RELEASE } from '../../functions/shared/version.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import type { OpenCloud } from '../open-stores.ts';

/**
 * Deploys of a release over itself are passed over, up to this number. If every one of the latest deploys is of that kind, the search ends.
 */
const MOST_DEPLOYS = 100;

/** What a rollback deploys. */
export interface Replaced {
  readonly version: string;
  /** What the fleet runs now. */
  readonly current: string;
  /** The deploy that brought the current release, where that one went back already: a rollback would undo it. */
  readonly undoes?: DeployRecord;
}

/**
 * The release that the last promoted deploy replaced. Deploys of a release over itself replaced nothing and are passed over.
 * @throws CommandFailure NothingToRollBack
 */
export async function findReplaced({ records, fleet }: Pick<OpenCloud, 'records' | 'fleet'>): Promise<Replaced> {
  const current = await records.getFleet(fleet);
  if (current === undefined) throw nothing(fleet, 'no deploy has been promoted yet');
  const [promoted, deploys] = await Promise.all([records.getDeploy(fleet, current.deployId), records.latestDeploys(fleet, MOST_DEPLOYS)]);
  const brought = findBrought(current, promoted, deploys);
  if (brought === undefined) throw nothing(fleet, `the deploy that brought ${current.currentVersion} is no longer on record`);
  if (brought.from === NO_RELEASE) throw nothing(fleet, `${current.currentVersion} is its first release`);
  const [replaced, now] = await Promise.all([brought.from, brought.to].map((version) => records.getRelease(fleet, version)));
  return {
    version: brought.from,
    current: current.currentVersion,
    ...(wentBack({ brought, deploys, replaced, current: now }) && { undoes: brought }),
  };
}

function findBrought(
  { currentVersion }: FleetRecord,
  promoted: DeployRecord | undefined,
  deploys: readonly DeployRecord[],
): DeployRecord | undefined {
  if (promoted && promoted.from !== currentVersion) return promoted;
  const brought = ({ to, from, status, restart }: DeployRecord) =>
    status === 'SUCCEEDED' && restart === undefined && to === currentVersion && from !== currentVersion;
  return deploys.find(brought);
}

type Brought = Pick<DeployRecord, 'deployId' | 'from' | 'to' | 'startedAtMs' | 'status' | 'restart'>;

/** What the fleet runs, and the deploy that brought it. */
export interface RollbackFacts {
  /** The deploy whose `from` a rollback would deploy. */
  readonly brought: Brought;
  /** Deploys of the fleet, in any order. */
  readonly deploys: readonly Brought[];
  /** The releases that it replaced and brought; undefined where they are not on record. */
  readonly replaced: Pick<ReleaseRecord, 'publishedAtMs'> | undefined;
  readonly current: Pick<ReleaseRecord, 'publishedAtMs'> | undefined;
}

/**
 * Whether the deploy that brought the current release went back itself, by `rollback` or by the version's name: its release had served
 * before, and is older than the one that it replaced. A release that is deployed again after it was rolled back is newer than that, so a
 * rollback of it goes back as well.
 */
export function wentBack({ brought, deploys, replaced, current }: RollbackFacts): boolean {
  const served = deploys.some(
    ({ deployId, from, to, startedAtMs, status, restart }) =>
      deployId !== brought.deployId &&
      startedAtMs < brought.startedAtMs &&
      restart === undefined &&
      status === 'SUCCEEDED' &&
      (to === brought.to || from === brought.to),
  );
  return served && (replaced === undefined || current === undefined || current.publishedAtMs < replaced.publishedAtMs);
}

const nothing = (fleet: string, why: string): CommandFailure =>
  new CommandFailure(
    'NothingToRollBack',
    `Fleet ${fleet} has no release to go back to: ${why}. Nothing was started. Deploy a release by its version.`,
    EXIT.badInput,
  );
