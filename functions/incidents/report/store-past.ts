/** What has happened to the store, and is over: what people need not look for, since it is known. Pure. */
import { clockText } from '../../shared/times.ts';
import { storeAnswers } from '../classify/facts/store-nodes.ts';
import { type Evidence, factsOf } from '../contract/evidence.ts';
import { beganMs } from '../trouble/changes.ts';
import { failoversOf } from '../trouble/failovers.ts';
import { awayText, awayTimes } from '../trouble/store-away.ts';
import { SAME_MS, serversOf } from '../trouble/traces.ts';
import type { StepContext } from './step-context.ts';

const minuteOf = (atMs: number): string => clockText(atMs).slice(0, 5);

/** As a sentence without a full stop, where the trouble began with it and a primary answers again. */
export function pastOf(evidence: Evidence | undefined): string | undefined {
  if (evidence === undefined || storeAnswers(evidence).truth !== true) return undefined;
  const isAtBegin = (atMs: number) => Math.abs(atMs - beganMs(evidence)) <= SAME_MS;
  const [failovers, aways] = [failoversOf(evidence), awayTimes(evidence)];
  if (![...failovers, ...aways.map(({ fromMs }) => fromMs)].some(isAtBegin)) return undefined;
  const did = [
    ...(failovers.length > 0 ? [`failed over at ${failovers.map(minuteOf).join(' and ')} UTC`] : []),
    ...(aways.length > 0 ? [`was away ${awayText(aways)}`] : []),
  ];
  return `The store ${did.join(', ')}, and answers again`;
}

/** Logs are read minutes after their last line at most. */
const STILL_MS = 3 * 60_000;
/**
 * Servers whose own logs have writes that a replica refused. One that users cannot use comes first, then those with the latest lines; one
 * without a line in the last minutes writes to the new primary again, where others still have theirs.
 */
export function refusedServers(evidence: Evidence | undefined): string[] {
  const refused = (factsOf(evidence, 'servers')?.servers ?? [])
    .filter(({ application }) => (application?.readOnly ?? 0) > 0)
    .map(({ instanceId, gate, application }) => ({
      ...{ instanceId, isDown: gate === false },
      lastMs: application?.lastMs?.readOnly ?? Number.POSITIVE_INFINITY,
    }));
  const goesOn = refused.filter(({ isDown, lastMs }) => isDown || lastMs >= (evidence?.toMs ?? 0) - STILL_MS);
  return (goesOn.length > 0 ? goesOn : refused)
    .toSorted((one, other) => Number(other.isDown) - Number(one.isDown) || (one.lastMs === other.lastMs ? 0 : other.lastMs - one.lastMs))
    .map(({ instanceId }) => instanceId);
}

/** Clients connect anew in the minutes after a failover. */
const SETTLES_MS = 5 * 60_000;

/** Servers that still write lines about connections to the store, long after the failover with which the trouble began. */
export function staleOf(evidence: Evidence | undefined): StepContext['stale'] {
  if (evidence === undefined || storeAnswers(evidence).truth !== true) return undefined;
  const atMs = failoversOf(evidence).find((failoverMs) => Math.abs(failoverMs - beganMs(evidence)) <= SAME_MS);
  if (atMs === undefined || evidence.toMs - atMs < SETTLES_MS) return undefined;
  const servers = serversOf(evidence).flatMap(({ instanceId, application }) =>
    (application?.lastMs?.storeConnection ?? 0) >= evidence.toMs - STILL_MS ? [instanceId] : [],
  );
  return servers.length === 0 ? undefined : { servers, since: minuteOf(atMs) };
}
