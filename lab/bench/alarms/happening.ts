/** What a case is made of. Minutes count from its moment; negative ones are before it. */

/** How many people there are, as a share of the most: by the minute of a week that begins on Monday at 00:00. */
export type Week = 'shop' | 'office' | 'even';

export interface Site {
  /** Where sessions are: the load balancer and its rules differ too. `shared`: in the store, behind a load balancer with other services. */
  readonly fleet: 'store' | 'memory' | 'shared';
  readonly servers: number;
  /** At the busiest time. */
  readonly people: number;
  /** Requests of one person in a minute. */
  readonly requests: number;
  readonly week: Week;
  /** Minutes between two readings of the store. */
  readonly collectMinutes: number;
}

interface Lasting {
  readonly from: number;
  /** @default it goes on */
  readonly until?: number;
}

export type Happening =
  /** A share of the people has no session any more. `unsigned`: it exists, and their cookie names it no more. */
  | { readonly what: 'lose'; readonly from: number; readonly share: number; readonly how: 'deleted' | 'evicted' | 'unsigned' | 'memory' }
  /** A share of the people's requests gets this. 302 and 401 are of somebody who is logged in no more, for that server. */
  | (Lasting & {
      readonly what: 'answers';
      readonly share: number;
      readonly status: 302 | 401 | 403 | 500 | 502 | 503 | 504 | 561;
      readonly by: 'servers' | 'balancer';
      /** Only these. @default all */
      readonly of?: 'logins';
      /** The login page is not shown either: the browser is redirected until it gives up. */
      readonly loops?: boolean;
    })
  /** Servers do not reach the store: requests get that, and the store sees none. */
  | (Lasting & { readonly what: 'noStore'; readonly share: number; readonly status: 302 | 500 | 504 })
  /** Requests of nobody who has logged in. `follows`: they request the login page to which they are sent. `begins`: each has a session. */
  | (Lasting & {
      readonly what: 'visitors';
      readonly perMinute: number;
      readonly status: 200 | 302 | 404 | 403 | 500;
      readonly by?: 'balancer';
      readonly follows?: boolean;
      readonly begins?: boolean;
      /** They name sessions that do not exist. */
      readonly names?: boolean;
    })
  /** So many times the people. */
  | (Lasting & { readonly what: 'people'; readonly times: number })
  /** Upgrades (101), and requests whose client closes the connection before the answer (460). */
  | (Lasting & { readonly what: 'webSockets' | 'aborts'; readonly perMinute: number })
  /** The collector does not read the store: it is throttled, or late. */
  | (Lasting & { readonly what: 'unread' })
  /** The load balancer's own errors of another service. */
  | (Lasting & { readonly what: 'others'; readonly perMinute: number; readonly status: 502 | 503 | 403 })
  /** A server is away for that time, drained before: `unhealthy` for a minute as it starts. */
  | (Lasting & { readonly what: 'server'; readonly unhealthy: boolean })
  /** The replica is replaced, or takes over. */
  | (Lasting & { readonly what: 'replica' })
  /** A share of the pages is as the browser has it: 304, which the load balancer counts as a redirect. */
  | (Lasting & { readonly what: 'unchanged'; readonly share: number })
  /** The store refuses writes: a login seems to work, and the next page is the login again. */
  | (Lasting & { readonly what: 'full' })
  /** From then on people come so many hours later, by the clock in UTC. */
  | { readonly what: 'clocks'; readonly from: number; readonly hours: number }
  /** Logins fail with the store's password. */
  | (Lasting & { readonly what: 'refusedLogins'; readonly perMinute: number });

export interface Case {
  readonly name: string;
  readonly site?: Partial<Site>;
  /** When, in minutes since Monday 00:00 of the second week, or of the first where the fleet is a day old. @default Tuesday 10:50 */
  readonly at?: number;
  readonly happens: readonly Happening[];
  /** What must not fire: a day is watched, so many days after the fleet's first. @default a week is watched, after one day */
  readonly daysKnown?: number;
  /** Of what must not fire: alarms on what happens itself, which are right. */
  readonly right?: readonly string[];
  /** Requests per minute just before: others are drawn until there are as many. @default any */
  readonly before?: { readonly least: number; readonly most: number };
  /** Where it is from: a public report. */
  readonly from?: string;
}

export const SITE: Site = { fleet: 'store', servers: 4, people: 80, requests: 2, week: 'shop', collectMinutes: 1 };

/** People are simulated ten seconds at a time. */
export const TICK_MINUTES = 1 / 6;
const HOUR = 60;
export const DAY = 24 * HOUR;
export const WEEK = 7 * DAY;

/** Shares at full hours, with straight lines between them. */
const SHOP = [12, 7, 5, 4, 4, 6, 12, 25, 40, 55, 65, 72, 78, 76, 72, 70, 72, 78, 88, 97, 100, 90, 60, 28].map((one) => one / 100);
const OFFICE = [0, 0, 0, 0, 0, 0, 2, 12, 60, 95, 100, 98, 55, 90, 98, 95, 85, 45, 12, 4, 2, 1, 0, 0].map((one) => one / 100);

export function shareOfPeople(week: Week, minute: number): number {
  if (week === 'even') return 1;
  const ofWeek = ((minute % WEEK) + WEEK) % WEEK;
  const isWeekend = ofWeek >= 5 * DAY;
  if (week === 'office' && isWeekend) return 0.01;
  const hours = week === 'office' ? OFFICE : SHOP;
  const hour = (ofWeek % DAY) / HOUR;
  const [one, next] = [hours[Math.floor(hour)] ?? 0, hours[(Math.floor(hour) + 1) % 24] ?? 0];
  // An office closes earlier on Fridays.
  const isFridayAfternoon = week === 'office' && ofWeek >= 4 * DAY + 14.5 * HOUR && ofWeek < 5 * DAY;
  return (one + (next - one) * (hour % 1)) * (isFridayAfternoon ? 0.15 : 1);
}

export const inForce = ({ from, until = Number.POSITIVE_INFINITY }: { readonly from: number; readonly until?: number }, minute: number) =>
  minute >= from && minute < until;
