import type { Records } from '../../records/records.ts';
import type { DeployRecord } from '../../records/types.ts';
import type { Collector } from '../contract/collect.ts';
import type { DeployFacts, DeployWarningKind } from '../contract/evidence.ts';
import { withoutClients } from '../report/plain.ts';

export interface DeploysPorts {
  readonly records: Pick<Records, 'latestDeploys' | 'getFleet'>;
  readonly now: () => number;
}

/** Read per fleet: more deploys than these in one incident are no news. */
const LATEST = 20;
/** A deploy whose release has a fault can have ended hours before anybody notices: sessions that it created run out first. */
const BEFORE_MS = 24 * 3_600_000;

/** Deploys of the incident's fleets that ran in its window or in the day before, latest first. */
export function createDeploys({ records, now }: DeploysPorts): Collector<'deploys'> {
  return async ({ fleets, fromMs, toMs }) => {
    const takenAtMs = now();
    const read = await Promise.all(
      fleets.map(async (fleet) => ({ deploys: await records.latestDeploys(fleet, LATEST), current: await records.getFleet(fleet) })),
    );
    const deploys = read
      .flatMap((one) => one.deploys)
      .filter(({ startedAtMs, finishedAtMs = toMs }) => startedAtMs <= toMs && finishedAtMs >= fromMs - BEFORE_MS)
      .sort((a, b) => b.startedAtMs - a.startedAtMs);
    const [only] = read;
    const currentVersion = read.length === 1 ? (only?.current?.currentVersion ?? null) : null;
    return {
      takenAtMs,
      facts: { deploys: deploys.map((deploy) => factsOf(deploy, fromMs)), currentVersion },
      ...(read.length > 1 && { gaps: ['the current release is not named for an incident of several fleets'] }),
    };
  };
}

function factsOf(deploy: DeployRecord, fromMs: number): DeployFacts['deploys'][number] {
  const { deployId, fleet, from, to, restart, status, startedAtMs, finishedAtMs, targets, warnings = [] } = deploy;
  const phases = Object.fromEntries(Object.entries(targets).map(([instanceId, { phase }]) => [instanceId, phase]));
  return {
    ...{ deployId, fleet, from, to },
    ...(restart !== undefined && { restart }),
    ...{ status, startedAtMs },
    ...(finishedAtMs !== undefined && { finishedAtMs }),
    ...(warnings.length > 0 && { warnings: warnings.map(withoutClients), warningKinds: warnings.map(kindOfWarning) }),
    ...((finishedAtMs === undefined || finishedAtMs >= fromMs) && Object.keys(phases).length > 0 && { phases }),
  };
}

/** The sentences of deploy/probe/decide-probe.ts. */
const WARNING_KINDS: readonly (readonly [RegExp, DeployWarningKind])[] = [
  [/\bsession cookie\b.* is named \S+ and no longer /, 'cookieName'],
  [/\bsession cookie\b.* has lost Secure\b/, 'secureLost'],
  [/\bsession cookie\b.* has lost HttpOnly\b/, 'httpOnlyLost'],
  [/\bsession cookie\b.* has the domain .* and no longer /, 'cookieDomain'],
  [/\bhas not shown its session cookie\b/, 'notShown'],
  [/ is unchecked: /, 'unchecked'],
];

export const kindOfWarning = (sentence: string): DeployWarningKind =>
  WARNING_KINDS.find(([pattern]) => pattern.test(sentence))?.[1] ?? 'other';
