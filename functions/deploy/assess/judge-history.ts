/** Whether the history of a deploy's execution has room for its servers. Pure; times are in seconds. */
import { blindDrainSeconds } from '../../instance/drain-times.ts';
import type { Attributes } from '../../shared/aws/attributes-reader.ts';
import { durationText } from '../../shared/texts.ts';
import { NO_RELEASE } from '../../shared/version.ts';
import { eventsOfPause } from '../pause/decide-pause.ts';
import { mostAtOnce } from '../rolls/in-flight.ts';
import { eventsOf, fewestEvents, MOST_EVENTS } from '../rolls/look-again.ts';
import type { ResolvedSettings } from '../settings/settings.ts';
import type { FleetMember } from './fleet-members.ts';
import { DELAY } from './front-checks.ts';

type HistorySetting =
  | 'maxParallel'
  | 'bakeSeconds'
  | 'drainFloorSeconds'
  | 'drainSignal'
  | 'deregistrationDelaySeconds'
  | 'pauseMinutes'
  | 'pollSeconds';

export interface HistoryFacts {
  readonly members: readonly FleetMember[];
  readonly toRoll: readonly FleetMember[];
  readonly pauseAfter?: number | undefined;
  /** The target group's. */
  readonly attributes: Attributes;
  readonly ofAddresses?: boolean | undefined;
  readonly settings: Pick<ResolvedSettings, HistorySetting>;
}

/**
 * The shortest roll of one server: its drain and its bake, and for an address the whole deregistration delay. What serves nobody is not
 * drained, and all else, such as the install, may take no time.
 */
export function shortestRollSeconds({ toRoll, attributes, ofAddresses, settings }: HistoryFacts): number {
  if (!toRoll.every(({ health, version }) => health === 'healthy' && version !== NO_RELEASE)) return settings.bakeSeconds;
  const drain = settings.drainSignal === 'blind' ? blindDrainSeconds(settings) : settings.drainFloorSeconds;
  const delay = ofAddresses ? Number(attributes[DELAY] ?? settings.deregistrationDelaySeconds) : 0;
  return Math.max(drain, delay) + settings.bakeSeconds;
}

/** Why Step Functions would end the deploy midway even at its fastest, as a sentence; its clean-up would roll hundreds of servers back. */
export function whyNoRoom(facts: HistoryFacts): string | undefined {
  const { members, toRoll, pauseAfter, settings } = facts;
  const servers = toRoll.length;
  const rollSeconds = shortestRollSeconds(facts);
  // Somebody may continue it at once.
  const pause = pauseAfter === undefined ? 0 : eventsOfPause(0, settings);
  const least = (atOnce: number) => fewestEvents(servers, Math.max(1, Math.min(atOnce, servers)), rollSeconds) + pause;
  const atOnce = mostAtOnce(settings.maxParallel, members.length);
  const events = least(atOnce);
  if (events <= MOST_EVENTS) return undefined;
  const most = least(servers);
  const fix =
    most <= MOST_EVENTS ? `raise deploy.maxParallel (all at once take ${most}), or divide` : 'more servers at once do not help: divide';
  return `a deploy of ${servers} servers, ${atOnce === 1 ? 'one' : `${atOnce}`} at a time and ${durationText(rollSeconds * 1000)} each, takes at least ${events} events of its execution's history at its fastest, and Step Functions ends it at ${MOST_EVENTS}; ${fix} the servers among several fleets. Nothing was changed`;
}

/** What else a deploy takes: its checks, a store that is waited for, retries. */
const OTHER_EVENTS = 1_000;

/**
 * What is known of a deploy that takes more events than an execution's history can have; undefined otherwise. Two hundred servers fit, one
 * at a time and however long each takes.
 * @param lastRollSeconds of one server, as the last deploy took it; undefined without one
 */
export function warnOfHistory(
  facts: HistoryFacts,
  lastRollSeconds: number | undefined,
): { readonly what: string; readonly fix: string } | undefined {
  const { members, toRoll, pauseAfter, settings } = facts;
  const servers = toRoll.length;
  const rollSeconds = Math.max(lastRollSeconds ?? 0, shortestRollSeconds(facts));
  const pause = pauseAfter === undefined ? 0 : eventsOfPause(settings.pauseMinutes * 60, settings);
  const eventsWith = (atOnce: number) => eventsOf(servers, rollSeconds / Math.max(1, Math.min(atOnce, servers))) + OTHER_EVENTS + pause;
  const atATime = mostAtOnce(settings.maxParallel, members.filter(({ lifecycle }) => lifecycle === 'inService').length);
  const events = eventsWith(atATime);
  if (events <= MOST_EVENTS) return undefined;
  const fix =
    eventsWith(servers) <= MOST_EVENTS
      ? 'roll more servers at once (deploy.maxParallel)'
      : 'more servers at once do not help: divide them among several fleets';
  const pace = atATime === 1 ? 'one at a time' : `${atATime} at once`;
  const taken = `take some ${Math.round(events / 1000)},000 events of the execution's history`;
  return { what: `${servers} servers, ${pace} and ${durationText(rollSeconds * 1000)} each, ${taken}`, fix };
}
