/** What an alarm, or a person, has seen of a store that is in no trouble: its figures, what it does about them, and who changed it. Pure. */
import { spanText } from '../../shared/duration-text.ts';
import { minuteText } from '../../shared/times.ts';
import type { Runbook } from '../contract/causes.ts';
import { type ChangeKind, type Evidence, factsOf } from '../contract/evidence.ts';
import { meaningOf } from '../trouble/failovers.ts';
import { latestReading } from '../trouble/store-channels.ts';
import { memoryText } from './affected.ts';
import { plain } from './plain.ts';

/** In sentences; empty where sessions are in no store, or the runbook does not ask about it. */
export function calmFacts(evidence: Evidence | undefined, runbook: Runbook): string[] {
  if (evidence === undefined || factsOf(evidence, 'balancer')?.strategy === 'sticky') return [];
  const evicts = (latestReading(evidence)?.evictions ?? 0) > 0;
  return [
    ...(runbook === 'session-explosion' || evicts ? figuresOf(evidence) : []),
    ...(runbook === 'logged-out' ? [] : eventsOf(evidence)),
  ];
}

/** `The store has 68 % of 100 MB in use, policy noeviction; at this growth it is full in 3 days; 50,000 of its 50,220 keys have no TTL.` */
function figuresOf(evidence: Evidence): string[] {
  const { memoryPercent = null, secondsUntilFull = null, evictions, keys = 0, withoutTtl } = latestReading(evidence) ?? {};
  const memory = memoryText(evidence) ?? (memoryPercent === null ? undefined : `${Math.round(memoryPercent)} % of its memory in use`);
  const count = (number: number) => number.toLocaleString('en');
  const parts = [
    ...(memory === undefined ? [] : [`has ${memory}`]),
    ...(secondsUntilFull === null ? [] : [`is full in ${spanText(secondsUntilFull)} at this growth`]),
    ...((evictions ?? 0) > 0 ? [`deleted ${count(evictions ?? 0)} keys to make room in the minute before the last reading`] : []),
    ...((withoutTtl ?? 0) > 0 ? [`has ${count(withoutTtl ?? 0)} keys without a TTL, of ${count(keys)}`] : []),
  ];
  return parts.length === 0 ? [] : [`The store ${parts.join('; it ')}.`];
}

const OF_STORE: readonly ChangeKind[] = ['store-user', 'store-password', 'store-reboot', 'store-snapshot'];
/** Of the store's own resources, whatever was changed. */
const STORES = /ReplicationGroup|CacheCluster|CacheParameterGroup|ReplicaCount|ShardConfiguration/;
const MOST_EVENTS = 3;

/** What was done to it, by CloudTrail, and what it did itself, by ElastiCache: since the window began, the latest of each. */
function eventsOf(evidence: Evidence): string[] {
  const changes = (factsOf(evidence, 'changes')?.changes ?? []).filter(
    ({ atMs, kind = 'other', event, isOwn }) =>
      atMs >= evidence.fromMs && (OF_STORE.includes(kind) || (isOwn === true && STORES.test(event))),
  );
  const events = (factsOf(evidence, 'storeGroup')?.events ?? []).filter(
    ({ atMs, message }) => atMs >= evidence.fromMs && meaningOf(message) === 'none',
  );
  return [
    ...changes
      .slice(0, MOST_EVENTS)
      .map(
        ({ atMs, event, resource, roleArn, who }) =>
          `${plain(`At ${minuteText(atMs)} ${event} of ${resource} by ${who === 'person' ? 'a person, ' : ''}${roleArn}`)}.`,
      ),
    ...(events.length === 0
      ? []
      : [
          `ElastiCache reports ${events
            .slice(-MOST_EVENTS)
            .map(({ atMs, message }) => `"${plain(message)}" at ${minuteText(atMs)}`)
            .join(', ')}.`,
        ]),
  ];
}
