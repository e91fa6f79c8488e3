import type { DeployRecord, FleetRecord, ReleaseRecord } from '../../functions/records/types.ts';
import { NO_RELEASE } from '../../functions/shared/version.ts';
import type { Cloud } from '../cloud.ts';
import { commandFor } from '../command-options.ts';
import { canAsk, confirm } from '../confirm.ts';
import { badInput, type CommandFailure } from '../failure.ts';
import { connectAndJudge, connectToChange } from '../installation/connect-to-installation.ts';
import { type OpenCloud, openStores } from '../open-stores.ts';
import { type Output, printNote } from '../output.ts';
import { type DeployOptions, deployTo } from './deploy.ts';
import { type DryRunOptions, dryRunOf } from './dry-run.ts';

/** Deploys the release that the last promoted deploy replaced, and follows that. @throws CommandFailure NothingToRollBack, RolledBackAlready */
export async function rollback(options: DeployOptions, output: Output): Promise<number> {
  const cloud = openStores(await connectToChange(options), 'records', 'stepFunctions');
  output.at(cloud);
  const { version, current, undoes } = await findReplaced(cloud);
  output.print(rollbackLine(cloud, current, version));
  if (undoes) await confirmUndo(cloud, undoes, options);
  const release = await cloud.records.getRelease(cloud.fleet, version);
  // What it stops can be the reason for it.
  const stops = release?.app.bundle && { ignoreApplicationStopFailures: true as const };
  return deployTo(cloud, version, { ...options, ...stops }, output);
}

const rollbackLine = ({ fleet }: Cloud, from: string, to: string): string => `rollback of fleet ${fleet} from ${from} to ${to}`;

/** Shows what a rollback would do; changes nothing. @returns as {@link dryRunOf} */
export async function rollbackDryRun(options: DryRunOptions, output: Output): Promise<number> {
  const judged = await connectAndJudge(options);
  output.at(judged.cloud);
  const { version, current, undoes } = await findReplaced(openStores(judged.cloud, 'records'));
  output.print(rollbackLine(judged.cloud, current, version));
  if (undoes) output.print(`warning: ${restoredWords(judged.cloud, undoes)}`);
  return dryRunOf(judged, version, options, output);
}

const restoredWords = ({ fleet }: Cloud, { from, to, deployId, requestedBy, startedAtMs }: DeployRecord): string =>
  `Fleet ${fleet} went back from ${from} to ${to} already: ${requestedBy} did that at ${new Date(startedAtMs).toISOString()} (deploy ${deployId}). Another rollback brings ${from} back.`;

/**
 * Asks before a rollback is undone. Without a terminal nobody can answer, and it is refused, also with `--yes`, which pipelines give by
 * habit: one that runs twice would bring back the release that it had just taken away.
 */
async function confirmUndo(cloud: Cloud, undoes: DeployRecord, { yes }: DeployOptions): Promise<void> {
  const went = restoredWords(cloud, undoes);
  if (!canAsk())
    throw badInput(
      'RolledBackAlready',
      `${went} Nothing was started. Name the release that is wanted: ${commandFor(cloud, 'deploy VERSION')}`,
    );
  if (yes) printNote(`Warning: ${went}`);
  else await confirm(`${went} Go on?`);
}

/**
 * Deploys of a release over itself are passed over, up to this number. If every one of the latest deploys is of that kind, the search ends.
 */
const MOST_DEPLOYS = 100;

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
    ...(isRestored({ brought, deploys, replaced, current: now }) && { undoes: brought }),
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
export function isRestored({ brought, deploys, replaced, current }: RollbackFacts): boolean {
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
  badInput(
    'NothingToRollBack',
    `Fleet ${fleet} has no release to go back to: ${why}. Nothing was started. Deploy a release by its version.`,
  );
