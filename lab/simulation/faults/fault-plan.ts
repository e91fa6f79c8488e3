/** What is to go wrong in one run. */
import { SERVER_FAULTS } from '../cloud/servers/server-faults.ts';
import type { CallFault, EventFault, InvocationFault } from './faults.ts';

/** A moment: when executions of a machine enter a state for the nth time in the run. */
export interface Moment {
  readonly machine: string;
  readonly state: string;
  /** 1 is the first. */
  readonly visit: number;
  /** After that. */
  readonly delayMs: number;
}

/** A step wherever it is called, or one state of one machine. */
export type Place = { readonly functionName: string; readonly step: string } | { readonly machine: string; readonly state: string };

/** One step that keeps failing: faults that come one by one hardly ever outlast a Retry. */
export interface PersistentFault {
  readonly place: Place;
  /** Only where it is about an instance that was launched in the run. */
  readonly ofNewcomers?: boolean;
  /** From the first invocation after `fromMs` (since the run's beginning), for this long. */
  readonly fromMs: number;
  readonly lastsMs: number;
  readonly how: InvocationFault;
}

/** Something that happens to the world at a moment. */
export interface WorldFault {
  readonly kind: WorldFaultKind;
  readonly when: Moment;
  /** Which of the fleet's servers, by position; `own`: the one that the moment's execution is about. Of no meaning for some kinds. */
  readonly server: number | 'own';
  readonly lastsMs: number;
}

export const WORLD_FAULTS = [
  ...SERVER_FAULTS,
  'group.scaledOut',
  'group.scaledIn',
  'group.standby',
  'group.registersSlowly',
  'store.failover',
  'store.outage',
  'store.replicaBehind',
  'alarm.red',
  'alarm.redBefore',
  'operator.abort',
  'operator.secondDeploy',
  'operator.resumed',
] as const;
/**
 * Only fleets whose deploys wait for sessions have this fault, and only an aim causes it: drawing it at random would change what every
 * other seed draws.
 */
export const DEPLOYMENT = 'templates.deployed';
/** EC2 ends the instance, as of a Spot request, and Auto Scaling is suspended; by an aim alone too. */
export const RECLAIMED = 'instance.reclaimed';
/** Somebody has Auto Scaling end the instance, which waits behind its hook; by an aim alone too. */
export const ENDED = 'instance.ended';
export type WorldFaultKind = (typeof WORLD_FAULTS)[number] | typeof DEPLOYMENT | typeof RECLAIMED | typeof ENDED;

/** Starts of child executions are refused, from the first one after `fromMs`, for this long. */
export interface ChildStarts {
  /** @default those of every machine */
  readonly machine?: string;
  /** The first one begins, and only the answer is lost. */
  readonly firstTakesEffect?: boolean;
  readonly fromMs: number;
  readonly lastsMs: number;
}

export interface FaultPlan {
  /** Probability, from 0 to 1, that an attempt of a call has a fault of this kind. */
  readonly calls: Readonly<Partial<Record<CallFault['kind'], number>>>;
  /** Calls fail in bursts of this length, ten times as often; 0: evenly. */
  readonly burstMs: number;
  /** Probability, from 0 to 1, that an invocation of a function has a fault of this kind. */
  readonly invocations: Readonly<Partial<Record<InvocationFault['kind'], number>>>;
  readonly persistent: readonly PersistentFault[];
  readonly stops: readonly (Moment & { readonly how: 'stopped' | 'timedOut' })[];
  readonly childStarts?: ChildStarts;
  readonly events: Readonly<Partial<Record<EventFault['kind'], number>>>;
  /** Share of the reconciler's turns, from 0 to 1, that are missed. */
  readonly skippedSchedules: number;
  /** Share of launched machines, from 0 to 1, whose user data fails. */
  readonly failingUserData: number;
  /** The load balancer sends new requests to a deregistered target for up to 40 s instead of 25. */
  readonly slowLoadBalancer: boolean;
  /** Auto Scaling's processes that its operator suspended before the run. */
  readonly suspendedBefore: readonly string[];
  readonly world: readonly WorldFault[];
  readonly clockSkewMs: number;
  /** From then on, since the run's beginning, nothing goes wrong any more. */
  readonly healAtMs: number;
}

export const NOTHING_GOES_WRONG: FaultPlan = {
  calls: {},
  burstMs: 0,
  invocations: {},
  persistent: [],
  stops: [],
  events: {},
  skippedSchedules: 0,
  failingUserData: 0,
  slowLoadBalancer: false,
  suspendedBefore: [],
  world: [],
  clockSkewMs: 0,
  healAtMs: 0,
};

/** What can be drawn: the machines' states, and the functions' steps, by the definitions. */
export interface Drawable {
  readonly states: readonly { readonly machine: string; readonly state: string }[];
  readonly steps: readonly { readonly functionName: string; readonly step: string }[];
  /** States with a Catch. */
  readonly catches: readonly { readonly machine: string; readonly state: string }[];
}

/** The plan in short lines, for people. */
export function describePlan(plan: FaultPlan): string[] {
  const rates = (name: string, all: Readonly<Record<string, number | undefined>>) =>
    Object.entries(all)
      .filter(([, rate]) => rate)
      .map(([kind, rate]) => `${name} ${kind} ${((rate ?? 0) * 100).toFixed(1)} %`);
  const seconds = (ms: number) => `${Math.round(ms / 1000)} s`;
  const at = ({ machine, state, visit, delayMs }: Moment) =>
    `at ${machine}/${state} (visit ${visit})${delayMs ? ` + ${seconds(delayMs)}` : ''}`;
  return [
    ...rates('calls', plan.calls),
    ...(plan.burstMs ? [`calls fail in bursts of ${seconds(plan.burstMs)}`] : []),
    ...rates('invocations', plan.invocations),
    ...plan.persistent.map(
      ({ place, ofNewcomers, how, fromMs, lastsMs }) =>
        `${placeText(place)}${ofNewcomers ? ' of newcomers' : ''} ${how.kind} for ${seconds(lastsMs)} from ${seconds(fromMs)}`,
    ),
    ...plan.stops.map((stop) => `${stop.how} ${at(stop)}`),
    ...(plan.childStarts
      ? [
          `child executions of ${plan.childStarts.machine ?? 'any machine'} refused${plan.childStarts.firstTakesEffect ? ' after one that began' : ''} for ${seconds(plan.childStarts.lastsMs)} from ${seconds(plan.childStarts.fromMs)}`,
        ]
      : []),
    ...rates('events', plan.events),
    ...(plan.skippedSchedules ? [`schedule skipped ${(plan.skippedSchedules * 100).toFixed(0)} %`] : []),
    ...(plan.failingUserData ? [`user data fails ${(plan.failingUserData * 100).toFixed(0)} %`] : []),
    ...(plan.slowLoadBalancer ? ['a slow load balancer'] : []),
    ...(plan.suspendedBefore.length > 0 ? [`suspended before: ${plan.suspendedBefore.join(', ')}`] : []),
    ...plan.world.map(({ kind, when, server, lastsMs }) => `${kind} (server ${server}, ${seconds(lastsMs)}) ${at(when)}`),
    ...(plan.clockSkewMs ? [`clocks differ by up to ${plan.clockSkewMs} ms`] : []),
  ];
}

const placeText = (place: Place): string => ('step' in place ? `${place.functionName}/${place.step}` : `${place.machine}/${place.state}`);

/** Whether the wait for a terminating server to be idle keeps failing until it is given up. */
export const losesDrainsOfTerminations = ({ persistent }: FaultPlan): boolean =>
  persistent.some(({ place }) =>
    'state' in place
      ? place.machine === 'terminate' && place.state.startsWith('Wait idle')
      : place.functionName === 'lifecycle' && ['sendWaitIdle', 'checkWaitIdle'].includes(place.step),
  );
