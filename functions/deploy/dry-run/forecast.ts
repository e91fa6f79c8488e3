import { durationText } from '../../shared/texts.ts';
import { chooseNextTarget, type NextStep } from '../assess/choose-next-target.ts';
import type { FleetMember } from '../assess/fleet-members.ts';
import { TooFewHealthyTargets } from '../errors.ts';
import { canLackPreparation } from '../rolls/in-flight.ts';
import { LONGEST_DEPLOY_SECONDS, longestPinSeconds, longestRollSeconds } from '../sessions/judge-routes.ts';
import type { DeploySettings, ResolvedSettings } from '../settings/settings.ts';

export interface ForecastFacts {
  readonly members: readonly FleetMember[];
  /** Ids of the servers that will be rolled. */
  readonly order: readonly string[];
  readonly version: string;
  readonly recover: boolean;
  readonly mostAtOnce: number;
  readonly limits: Pick<DeploySettings, 'minimumHealthyTargets' | 'newcomerTimeoutSeconds'>;
  /** A stop of this length after this number of servers. @default no stop */
  readonly pause?: Course['pause'];
}

/**
 * Which server begins when, as the deploy itself would decide it: by the limit, the minimum and the Availability Zones, if each server is
 * healthy with the release once its roll has ended. Servers that the deploy would never choose, for instance because it is refused, follow
 * by the limit alone. Instances that are starting are left out. Pure.
 * @param secondsOf how long the roll of one server takes
 */
export function forecast(facts: ForecastFacts, secondsOf: Course['secondsOf']): readonly Slot[] {
  const rolling = new Set(facts.order);
  let members = facts.members.filter(({ lifecycle }) => lifecycle === 'inService');
  const rolled = new Set<string>();
  const endsOf = new Map<string, number>();
  const slots: Slot[] = [];
  let atSeconds = 0;
  let waits = facts.pause;
  for (;;) {
    const stops = waits !== undefined && slots.length === waits.after;
    const next = stops ? undefined : decide(facts, members, { rolled, inFlight: new Set(endsOf.keys()) });
    if (next?.verdict === 'ROLL' && rolling.has(next.member.instanceId)) {
      const { instanceId } = next.member;
      const endsAfterSeconds = atSeconds + secondsOf(instanceId, slots.length);
      endsOf.set(instanceId, endsAfterSeconds);
      slots.push({ instanceId, startsAfterSeconds: atSeconds, endsAfterSeconds });
      continue;
    }
    if (endsOf.size === 0) {
      if (!stops) break;
      atSeconds += waits?.seconds ?? 0;
      waits = undefined;
      continue;
    }
    atSeconds = Math.min(...endsOf.values());
    const ended = [...endsOf].filter(([, endsAfterSeconds]) => endsAfterSeconds <= atSeconds).map(([instanceId]) => instanceId);
    for (const instanceId of ended) {
      endsOf.delete(instanceId);
      rolled.add(instanceId);
    }
    members = members.map((member) =>
      ended.includes(member.instanceId) ? { ...member, version: facts.version, health: 'healthy' } : member,
    );
  }
  const unreached = facts.order.filter((instanceId) => !slots.some((slot) => slot.instanceId === instanceId));
  const begun = slots.length;
  const rest = schedule(unreached, { limit: facts.mostAtOnce, secondsOf: (instanceId, index) => secondsOf(instanceId, begun + index) });
  return [...slots, ...rest.map((slot) => later(slot, atSeconds))];
}

function decide(
  { version, recover, mostAtOnce, limits }: ForecastFacts,
  members: readonly FleetMember[],
  { rolled, inFlight }: { readonly rolled: ReadonlySet<string>; readonly inFlight: ReadonlySet<string> },
): NextStep | undefined {
  try {
    return chooseNextTarget(members, { ...{ rolled, inFlight, mostAtOnce, version, recover, limits }, newcomers: new Map(), nowMs: 0 });
  } catch (error) {
    // The dry run states it as a refusal.
    if (error instanceof TooFewHealthyTargets) return undefined;
    throw error;
  }
}

const later = ({ instanceId, startsAfterSeconds, endsAfterSeconds }: Slot, seconds: number): Slot => ({
  instanceId,
  startsAfterSeconds: startsAfterSeconds + seconds,
  endsAfterSeconds: endsAfterSeconds + seconds,
});

/** Which servers are out of service together, and when. Pure. */

export interface Slot {
  readonly instanceId: string;
  /** Counted from the first one's. */
  readonly startsAfterSeconds: number;
  readonly endsAfterSeconds: number;
}

export interface Course {
  /** How many run at the same time at most. */
  readonly limit: number;
  /** How long the roll of one server takes. @param index its place in the order */
  readonly secondsOf: (instanceId: string, index: number) => number;
  /** A stop of this length after this number of servers. @default no stop */
  readonly pause?: { readonly after: number; readonly seconds: number } | undefined;
}

/** Rolls in this order: each begins as soon as one before it has ended, not in rounds; after a stop only once the first ones have ended. */
export function schedule(order: readonly string[], { limit, secondsOf, pause }: Course): readonly Slot[] {
  const freeAt = Array.from({ length: Math.max(1, limit) }, () => 0);
  return order.map((instanceId, index) => {
    if (pause && index === pause.after) freeAt.fill(Math.max(...freeAt) + pause.seconds);
    const startsAfterSeconds = Math.min(...freeAt);
    const endsAfterSeconds = startsAfterSeconds + secondsOf(instanceId, index);
    freeAt[freeAt.indexOf(startsAfterSeconds)] = endsAfterSeconds;
    return { instanceId, startsAfterSeconds, endsAfterSeconds };
  });
}

/** When the last one has ended; 0 without any. */
export const lengthOf = (slots: readonly Slot[]): number => Math.max(0, ...slots.map(({ endsAfterSeconds }) => endsAfterSeconds));

/** Those of the others whose time overlaps with this one's. */
export const togetherWith = (slots: readonly Slot[], { instanceId, startsAfterSeconds, endsAfterSeconds }: Slot): readonly string[] =>
  slots
    .filter((other) => other.instanceId !== instanceId)
    .filter((other) => other.startsAfterSeconds < endsAfterSeconds && startsAfterSeconds < other.endsAfterSeconds)
    .map((other) => other.instanceId);

/**
 * The longest roll of one server, with the usual bake, that can still succeed, with the wait for the store before it.
 * @param timeoutSeconds after which the server itself ends an idle session, where it reports that
 */
export function worstRollSeconds(
  {
    version,
    waitsForSessions,
    timeoutSeconds,
  }: { readonly version: string; readonly waitsForSessions: boolean; readonly timeoutSeconds?: number | undefined },
  settings: ResolvedSettings,
): number {
  const prepares = canLackPreparation(version);
  return (
    settings.storeTimeoutSeconds +
    (prepares ? settings.preparationTimeoutSeconds : 0) +
    (waitsForSessions ? longestPinSeconds(settings, timeoutSeconds) : 0) +
    longestRollSeconds(settings, settings.bakeSeconds)
  );
}

/**
 * One sentence for a deploy whose waits, the one to be continued included, can be longer together than an execution lasts; undefined
 * otherwise. Where sessions in memory are waited for, a deploy refuses that.
 * @param worstSeconds if every wait lasts as long as the settings allow
 */
export const warnOfTheLimit = (worstSeconds: number): string | undefined =>
  worstSeconds <= LONGEST_DEPLOY_SECONDS
    ? undefined
    : `If every wait lasts as long as the settings allow, a deploy takes ${durationText(worstSeconds * 1000)}, and Step Functions ends it after two days, wherever it is; its clean-up then rolls it back. Roll more servers at once (deploy.maxParallel), or shorten the longest times of deploy.`;
