/** What has to fire within five minutes, and what is an ordinary week. Expectations were written before the first run. */
import { type Case, DAY, type Happening, WEEK } from './happening.ts';

const HOUR = 60;
const at = (day: number, hour: number): number => day * DAY + hour * HOUR;
/** At 03:12 a shop has a twenty-fifth of its people: nine requests a minute, of four or five people. */
const NIGHT = { at: at(1, 3.2), site: { people: 112 }, before: { least: 7, most: 12 } } as const;
const lost = (share: number, how: 'deleted' | 'evicted' | 'unsigned' | 'memory'): Happening => ({ what: 'lose', from: 0, share, how });
const answers = (
  share: number,
  status: 302 | 401 | 403 | 500 | 502 | 503 | 504 | 561,
  by: 'servers' | 'balancer' = 'servers',
): Happening => ({
  ...{ what: 'answers', from: 0 },
  ...{ share, status, by },
});

export const MUST_FIRE: readonly Case[] = [
  { name: 'memory-loses-all-once', site: { fleet: 'memory' }, happens: [lost(1, 'memory')] },
  { name: 'memory-loses-30-percent', site: { fleet: 'memory' }, happens: [lost(0.3, 'memory')] },
  { name: 'store-loses-30-percent', site: { people: 160 }, happens: [lost(0.3, 'deleted')] },
  { name: 'one-of-six-sends-to-login', site: { servers: 6, people: 160 }, happens: [answers(1 / 6, 302)] },
  { name: 'one-of-six-answers-401', site: { servers: 6, people: 160 }, happens: [answers(1 / 6, 401)] },
  { name: 'one-of-six-answers-500', site: { servers: 6, people: 160 }, happens: [answers(1 / 6, 500)] },
  { name: 'night-of-9-a-minute-all-500', ...NIGHT, happens: [answers(1, 500)] },
  {
    name: 'redirect-loop-of-13-a-minute',
    ...NIGHT,
    happens: [{ ...answers(1, 302), loops: true } as Happening, { what: 'visitors', from: 0, perMinute: 4, status: 302 }],
  },
  { name: 'flushall', happens: [lost(1, 'deleted')] },
  { name: 'rotated-secret', happens: [lost(1, 'unsigned')] },
  {
    name: 'rotated-store-password',
    happens: [
      { what: 'noStore', from: 0, share: 1, status: 500 },
      { what: 'refusedLogins', from: 0, perMinute: 40 },
    ],
  },
  { name: 'rule-to-store-revoked', happens: [{ what: 'noStore', from: 0, share: 1, status: 302 }] },
  { name: 'rule-to-servers-revoked', happens: [answers(1, 504, 'balancer')] },
  { name: 'waf-refuses-half', happens: [answers(0.5, 403, 'balancer')] },
  { name: 'oidc-refuses-half', happens: [answers(0.5, 561, 'balancer')] },
  { name: 'oidc-denies-half', happens: [answers(0.5, 401, 'balancer')] },
  {
    ...{ name: 'store-cleared-every-90-seconds', from: 'https://status.mezmo.com/incidents/qhrtfbpx0w46' },
    happens: Array.from({ length: 8 }, (_, time) => ({ ...lost(1, 'deleted'), from: time * 1.5 })),
  },
  {
    ...{ name: 'store-empty-at-6', from: 'https://status.machinemetrics.com/incidents/pvthjggnc4jv' },
    ...{ at: at(1, 6.1), site: { people: 200 } },
    happens: [lost(1, 'deleted')],
  },
  {
    ...{ name: 'a-fifth-5xx', from: 'https://github.com/wellcomecollection/wellcomecollection.org/pull/13243' },
    happens: [answers(0.2, 500)],
  },
  {
    ...{ name: 'redirect-loop-of-half-by-day', from: 'https://github.com/openSUSE/osem/issues/3587' },
    ...{ site: { people: 160 } },
    happens: [{ ...answers(0.5, 302), loops: true } as Happening],
  },
  {
    ...{ name: 'every-login-500', from: 'https://status.mydevices.com' },
    ...{ site: { people: 300 } },
    happens: [{ ...answers(1, 500), of: 'logins' } as Happening],
  },
  {
    ...{ name: 'every-login-561', from: 'https://status.dispel.com/incidents/b3r3yhx712kl' },
    ...{ site: { people: 160 } },
    happens: [{ ...answers(1, 561, 'balancer'), of: 'logins' } as Happening],
  },
  {
    ...{ name: 'one-of-twenty-answers-401', from: 'https://status.spreedly.com/incidents/nns5y559qp7c' },
    ...{ site: { servers: 20, people: 1_000 } },
    happens: [answers(1 / 20, 401)],
  },
  {
    ...{ name: 'one-of-four-behind-a-shared-balancer', from: 'https://status.influxdata.com/incidents/phbxyj90yftr' },
    ...{ site: { fleet: 'shared', people: 160 } },
    happens: [answers(1 / 4, 302)],
  },
  {
    ...{ name: 'cookie-renamed-server-by-server', from: 'https://github.com/auth0/nextjs-auth0/issues/1894' },
    // From half of the servers on, the other half refuses those who have the new one.
    happens: [
      { ...answers(1 / 4, 302), until: 3 } as Happening,
      { ...answers(1 / 2, 302), from: 3, until: 6 } as Happening,
      { ...answers(1 / 4, 302), from: 6, until: 9 } as Happening,
      { ...lost(1, 'unsigned'), from: 9 } as Happening,
    ],
  },
  {
    ...{ name: 'store-full', from: 'https://status.out-smart.com/incidents/3fzrdkwhr1fl' },
    ...{ site: { people: 300 } },
    happens: [{ what: 'full', from: 0 }],
  },
  {
    ...{ name: 'store-evicts-within-an-hour', from: 'https://status.mezmo.com/incidents/612n87qcp8c9' },
    ...{ site: { people: 1_000 } },
    happens: Array.from({ length: 30 }, (_, time) => ({ ...lost(1 / 30, 'evicted'), from: time * 2 }) as Happening),
  },
  { name: 'flushall-read-every-2-minutes', site: { collectMinutes: 2, people: 160 }, happens: [lost(1, 'deleted')] },
  ...([2, 5] as const).map(
    (collectMinutes): Case => ({
      ...{ name: `all-sent-to-login-read-every-${collectMinutes}-minutes`, site: { collectMinutes, people: 160 } },
      happens: [{ ...answers(1, 302), loops: true } as Happening],
    }),
  ),
  {
    ...{ name: 'all-refused-while-four-readings-are-missing', site: { people: 160 } },
    happens: [{ what: 'unread', from: -0.5, until: 3.5 }, { ...answers(1, 401), loops: true } as Happening],
  },
  {
    ...{ name: 'a-fifth-504-behind-a-shared-balancer', site: { fleet: 'shared', people: 160 } },
    happens: [answers(0.2, 504, 'balancer'), { what: 'webSockets', from: -DAY, perMinute: 20 }],
  },
  {
    ...{ name: 'a-tenth-502-behind-a-shared-balancer', site: { fleet: 'shared', people: 160 } },
    happens: [answers(0.1, 502, 'balancer'), { what: 'aborts', from: -DAY, perMinute: 10 }],
  },
];

const everyDay = (make: (from: number) => readonly Happening[]): readonly Happening[] =>
  Array.from({ length: 7 }, (_, day) => make(day * DAY)).flat();
const WEEKLONG = { at: WEEK } as const;

export const MUST_NOT: readonly Case[] = [
  {
    ...{ name: 'scanners-404-at-night', ...WEEKLONG },
    happens: everyDay((from) => [{ what: 'visitors', from: from + 2 * HOUR, until: from + 4 * HOUR, perMinute: 120, status: 404 }]),
  },
  {
    ...{ name: 'launch-of-bots', ...WEEKLONG },
    happens: [
      { what: 'visitors', from: at(0, 10), until: at(0, 22), perMinute: 300, status: 302 },
      { what: 'visitors', from: at(1, 23), until: at(2, 9), perMinute: 300, status: 302 },
      { what: 'visitors', from: at(3, 9), until: at(4, 9), perMinute: 200, status: 302, follows: true },
      { what: 'visitors', from: at(5, 9), until: at(5, 15), perMinute: 200, status: 302, follows: true, begins: true, names: true },
      { what: 'visitors', from: at(6, 3), until: at(6, 19), perMinute: 400, status: 403, by: 'balancer' },
    ],
  },
  {
    ...{ name: 'campaign', ...WEEKLONG },
    happens: [
      { what: 'people', from: at(1, 20), until: at(1, 22), times: 6 },
      { what: 'people', from: at(3, 9), until: at(3, 18), times: 3 },
    ],
  },
  { name: 'office-with-evenings-and-weekend', ...WEEKLONG, site: { week: 'office', people: 300 }, happens: [] },
  {
    ...{ name: 'errors-of-another-service', ...WEEKLONG, site: { fleet: 'shared' } },
    happens: [
      { what: 'others', from: at(2, 11), until: at(2, 12), perMinute: 90, status: 503 },
      { what: 'others', from: at(4, 3), until: at(4, 5), perMinute: 40, status: 502 },
      { what: 'others', from: at(4, 14), until: at(4, 16), perMinute: 200, status: 403 },
    ],
  },
  {
    ...{ name: 'deploys-restarts-refreshes', ...WEEKLONG },
    happens: everyDay((from) =>
      [10, 10.1, 10.2, 10.3, 15].map((hour) => ({
        ...{ what: 'server', from: from + hour * HOUR, until: from + hour * HOUR + 5, unhealthy: true },
      })),
    ),
  },
  {
    ...{ name: 'failover-of-a-replica', ...WEEKLONG },
    happens: [
      { what: 'replica', from: at(1, 4), until: at(1, 4) + 6 },
      { what: 'replica', from: at(3, 14), until: at(3, 14) + 12 },
    ],
  },
  {
    ...{ name: 'scanners-on-a-nearly-idle-site', from: 'https://github.com/binbashar/le-tf-infra-aws/pull/1102' },
    ...{ at: WEEK, site: { people: 0.2 } },
    happens: everyDay((from) => [{ what: 'visitors', from: from + 11 * HOUR, until: from + 13 * HOUR, perMinute: 40, status: 404 }]),
  },
  {
    ...{ name: 'firewall-blocks-a-third-at-low-traffic', from: 'https://github.com/DataBiosphere/azul/issues/7386' },
    ...{ at: WEEK, site: { people: 4 } },
    happens: everyDay((from) => [
      { what: 'visitors', from, until: from + 24 * HOUR, perMinute: 0.6, status: 403, by: 'balancer' },
      { what: 'visitors', from: from + 5 * HOUR, until: from + 5.1 * HOUR, perMinute: 17, status: 403, by: 'balancer' },
    ]),
  },
  {
    ...{ name: 'an-error-in-fifty-at-night', from: 'https://github.com/aprin-labs/archimedes/pull/1458' },
    ...{ at: WEEK, site: { people: 60 } },
    happens: everyDay((from) => [{ ...answers(0.02, 500), from, until: from + 6 * HOUR } as Happening]),
  },
  {
    ...{ name: 'weekend-of-2-users', from: 'https://github.com/getsentry/sentry/issues/54736' },
    ...{ at: WEEK, site: { week: 'office', people: 200 } },
    happens: [{ ...answers(0.05, 500), from: at(5, 0), until: at(7, 0) } as Happening],
  },
  {
    ...{ name: 'always-13-percent-404', from: 'https://github.com/GSA/data.gov/issues/3162' },
    ...WEEKLONG,
    happens: [{ what: 'visitors', from: -DAY, perMinute: 20, status: 404 }],
  },
  {
    ...{ name: 'traffic-moved-away', from: 'https://github.com/guardian/dotcom-rendering/issues/10265' },
    ...WEEKLONG,
    happens: [
      { what: 'people', from: at(2, 11), times: 0.15 },
      { what: 'others', from: -DAY, perMinute: 0.5, status: 502 },
    ],
  },
  {
    ...{ name: 'websockets-and-aborts-behind-a-shared-balancer', from: 'https://github.com/DataDog/documentation/issues/36762' },
    ...{ at: WEEK, site: { fleet: 'shared', people: 300 } },
    happens: [
      { what: 'webSockets', from: -DAY, perMinute: 20 },
      { what: 'webSockets', from: at(2, 12), until: at(2, 12) + 3, perMinute: 300 },
      { what: 'aborts', from: at(1, 9), until: at(5, 9), perMinute: 15 },
    ],
  },
  {
    ...{ name: 'websockets-next-to-errors-of-another-service', ...WEEKLONG, site: { fleet: 'shared', people: 300 } },
    happens: [
      { what: 'webSockets', from: -DAY, perMinute: 20 },
      { what: 'others', from: at(1, 11), until: at(1, 12), perMinute: 90, status: 502 },
      { what: 'others', from: at(2, 11), until: at(2, 12), perMinute: 4, status: 502 },
      { what: 'others', from: at(3, 11), until: at(3, 12), perMinute: 200, status: 503 },
    ],
  },
  {
    ...{ name: 'bots-while-nobody-reads-the-store', ...WEEKLONG, right: ['collector-silent'] },
    happens: [
      { what: 'visitors', from: at(1, 9), until: at(3, 9), perMinute: 300, status: 302 },
      { what: 'visitors', from: at(4, 0), until: at(6, 0), perMinute: 200, status: 404 },
      // Late or throttled: a reading, three, ten, and a quarter of an hour are left out, several times a day.
      ...everyDay((from) =>
        [1, 3, 10, 15].flatMap((minutes, index) =>
          [2, 8, 14, 20].map(
            (hour): Happening => ({ what: 'unread', from: from + (hour + index) * HOUR, until: from + (hour + index) * HOUR + minutes }),
          ),
        ),
      ),
    ],
  },
  ...([2, 5] as const).flatMap((collectMinutes): readonly Case[] => [
    { name: `ordinary-read-every-${collectMinutes}-minutes`, ...WEEKLONG, site: { collectMinutes }, happens: [] },
    {
      name: `office-read-every-${collectMinutes}-minutes`,
      ...WEEKLONG,
      site: { collectMinutes, week: 'office', people: 300 },
      happens: [],
    },
    {
      ...{ name: `bots-read-every-${collectMinutes}-minutes`, ...WEEKLONG, site: { collectMinutes } },
      happens: [
        { what: 'visitors', from: at(0, 10), until: at(0, 22), perMinute: 300, status: 302 },
        { what: 'visitors', from: at(2, 9), until: at(3, 9), perMinute: 200, status: 404 },
        { what: 'visitors', from: at(4, 3), until: at(4, 19), perMinute: 400, status: 403, by: 'balancer' },
      ],
    },
  ]),
  { name: 'ordinary-2-servers-5-a-minute', ...WEEKLONG, site: { servers: 2, people: 3 }, happens: [] },
  { name: 'ordinary-4-servers', ...WEEKLONG, happens: [] },
  { name: 'ordinary-20-servers', ...WEEKLONG, site: { servers: 20, people: 5_000, requests: 6 }, happens: [] },
  { name: 'ordinary-10000-a-second', ...WEEKLONG, site: { servers: 20, people: 100_000, requests: 6 }, happens: [] },
  { name: 'ordinary-in-memory', ...WEEKLONG, site: { fleet: 'memory' }, happens: [] },
  // Once a week is known, and with it how many sessions there are at this hour.
  {
    name: 'campaign-in-the-second-week',
    at: WEEK + at(1, 20),
    daysKnown: 9,
    happens: [{ what: 'people', from: 0, until: 2 * HOUR, times: 6 }],
  },
  {
    ...{ name: 'clocks-change', from: 'https://github.com/elastic/ml-cpp/issues/2691' },
    ...{ at: WEEK, daysKnown: 9, site: { week: 'office', people: 300 } },
    happens: [{ what: 'clocks', from: -23 * HOUR, hours: -1 }],
  },
  {
    ...{ name: 'health-checker-with-sessions', from: 'https://github.com/camptocamp/odoo-cloud-platform/pull/26' },
    ...{ at: WEEK + at(2, 4), daysKnown: 9 },
    happens: [{ what: 'visitors', from: -2 * DAY, until: 10 * HOUR, perMinute: 12, status: 200, begins: true }],
  },
  {
    ...{ name: 'link-scanners-of-a-mail', from: 'https://github.com/mautic/mautic/issues/16263' },
    ...{ at: WEEK + at(2, 8), daysKnown: 1 },
    happens: [
      { what: 'visitors', from: 2 * HOUR, until: 2 * HOUR + 5, perMinute: 600, status: 302, follows: true },
      { what: 'people', from: 2 * HOUR + 5, until: 5 * HOUR, times: 2 },
    ],
  },
  { name: 'visits-of-four-pages', at: WEEK + at(1, 0), daysKnown: 1, site: { people: 1_000, requests: 0.1 }, happens: [] },
  { name: 'ordinary-one-day-old', at: DAY, happens: [] },
];
