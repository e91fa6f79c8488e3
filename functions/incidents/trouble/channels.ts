/** What trouble shows in, and how much of it. */
import { sumOf } from '../../shared/arithmetic.ts';
import type { TrafficMinute } from '../contract/evidence.ts';
import type { MergedTrace } from './traces.ts';

/** What people notice: responses of servers and of the load balancer, and sessions. */
export const CHANNELS_OF_PEOPLE = [
  /** Sessions that a request was sent away from, or got another one in place of. */
  'lost',
  /** Redirects of the servers, without 304. */
  'redirects',
  /** 4xx of the servers, without 404. */
  'refusals',
  /** 5xx of the servers. */
  'errors',
  /** 4xx of the load balancer itself: a firewall's too. */
  'balancerRefusals',
  /** 5xx of the load balancer itself. */
  'balancerErrors',
  /** Sign-ins by the load balancer that failed at the provider, or were refused. */
  'signIns',
  /** Sessions that are begun, and that no request names again. */
  'vain',
  /** People who come back from another site without their session, and are turned away. */
  'returns',
  /** Log-ins that do not succeed any more, while people ask for them. */
  'logins',
  /** Requests a minute that do not come, against the same hour of other days. */
  'requests',
  /** Sessions of the canary that vanished. */
  'canary',
  /** Writes that the store refuses: nobody can log in. */
  'refusedWrites',
] as const;
export const CHANNELS_OF_STORE = [
  /** Keys that the store deletes to make room. */
  'evictions',
  /** Memory that is nearly used up, or grows. */
  'memory',
  /** Nodes that do not take writes where a primary should, as the collector reads them. */
  'nodes',
  /** Servers that do not reach the store by their own words. */
  'reach',
  /** Lines of servers' logs about the store. */
  'storeErrors',
  /** Lines of servers' logs about sessions that cannot be read or decrypted. */
  'sessionErrors',
] as const;
export type ChannelName = (typeof CHANNELS_OF_PEOPLE)[number] | (typeof CHANNELS_OF_STORE)[number];

/** Where a part of the excess was. */
export interface Cell {
  /** Absent where only a sum over some minutes is known. */
  readonly minuteMs?: number;
  readonly server?: string;
  /** Which session was lost: of the channel `lost`. */
  readonly session?: MergedTrace;
  /** More than usual, in what the channel counts. */
  readonly excess: number;
}

export interface Channel {
  /** `acute`: more than usual. `chronic`: too much, and as old as what was looked at. */
  readonly state: 'acute' | 'chronic' | 'usual';
  readonly cells: readonly Cell[];
  /** Of how many, in the time of the trouble: requests, sessions, lines; the excess is a part of these. */
  readonly of: number;
  /** The usual share, from 0 to 1; null: nothing to compare with. */
  readonly usual: number | null;
  readonly usualFrom: 'hour' | 'days' | 'none';
  readonly onset: number | 'before' | null;
  /** The last minute of the trouble, where it is over. */
  readonly untilMs?: number;
  /** As many requests as before are answered well, and what is not comes on top. */
  readonly isOnTop?: true;
  /** A step beyond what is usual, which hurts people only perhaps. */
  readonly isPerhaps?: true;
}

export interface Gap {
  /** Why the channel cannot be read, as a noun; `notInstalled`: the installation does not have it. */
  readonly gap: string;
}

export type Channels = { readonly [Name in ChannelName]: Channel | Gap };

/** Over all of its cells. */
export const excessOf = ({ cells }: Pick<Channel, 'cells'>): number => sumOf(cells, ({ excess }) => excess);

export const isTroubled = (channel: Channel | Gap): channel is Channel => 'state' in channel && channel.state !== 'usual';

const FEWEST_VICTIMS = 10;
const NEARLY_ALL = 0.9;

/** Ten are hurt, or nearly all: fewer can be an accident. */
export const areMany = (channel: Channel): boolean => excessOf(channel) >= FEWEST_VICTIMS || excessOf(channel) >= channel.of * NEARLY_ALL;

export const isChronic = (channel: Channel | Gap): boolean => 'state' in channel && channel.state === 'chronic';

/** Requests of which the load balancer found no target are in none of the target group's counts. */
export const allOf = ({ requests, elb4xx, elb5xx }: Pick<TrafficMinute, 'requests' | 'elb4xx' | 'elb5xx'>): number =>
  requests + elb4xx + elb5xx;
