/** What a situation is made of: an installation, what happens to it and what is right to say of it. README.md documents the form. */
import { SOURCES } from '../../functions/incidents/contract/evidence.ts';
import { ACTS } from '../../functions/incidents/report/incident-page.ts';
import * as z from '../../functions/shared/schema.ts';

/** The latest minute is the run's; so far back something can have happened: a week. */
const minute = z.number().check(z.minimum(-10_080), z.maximum(0));
const share = z.optional(z.number().check(z.minimum(0), z.maximum(1)));
/** Numbers of servers, from 1. */
const servers = z.optional(z.array(z.whole(1, 12)));
const paths = z.optional(z.array(z.matching(/^\/[!-~]*$/)));
const says = z.optional(z.text(1, 400));
const status = z.whole(200, 599);
/** When it begins, and when it is over. @default it goes on */
const when = { at: minute, until: z.optional(minute) };

const cookie = z.strictObject({
  name: z.optional(z.matching(/^[A-Za-z0-9_.-]{1,64}$/)),
  sameSite: z.optional(z.enum(['Strict', 'Lax', 'None'])),
  maxAgeSeconds: z.optional(z.nullable(z.whole(1, 31_536_000))),
  secure: z.optional(z.boolean()),
  httpOnly: z.optional(z.boolean()),
  /** Each answer sets it anew. @default true */
  slides: z.optional(z.boolean()),
});

/** How the application is built or configured. */
const application = {
  cookie: z.optional(cookie),
  /** What signs the cookies: another one takes none of those of before. */
  secret: z.optional(z.text(1, 64)),
  /** How long an idle session lives. @default 30 */
  sessionMinutes: z.optional(z.number().check(z.minimum(0.1), z.maximum(600_000))),
  /** However much it is used, no session lives longer. */
  absoluteMinutes: z.optional(z.number().check(z.minimum(1), z.maximum(600_000))),
  /** Answer to who is not logged in: a redirect to /login, the login page itself (200), or a refusal. @default 302 */
  loginStatus: z.optional(status),
  /** Answer where the store fails. @default a redirect to /login */
  storeErrorStatus: z.optional(status),
  /** What it does with a session that another release wrote; absent: it reads it. */
  unreadable: z.optional(z.enum(['error', 'redirect'])),
};

const installation = z.strictObject({
  ...application,
  /** Whose formats the logs have. @default node */
  app: z.optional(z.enum(['node', 'tomcat', 'nginx'])),
  /** @default 3 */
  servers: z.optional(z.whole(1, 12)),
  /** @default store */
  sessions: z.optional(z.enum(['store', 'memory'])),
  /** People on the site at a time. @default 80 */
  users: z.optional(z.whole(5, 1_000)),
  /** A listener serves plain HTTP without a redirect. @default false */
  plainHttp: z.optional(z.boolean()),
  /** People come by it: a Secure cookie is not sent back. @default false */
  overHttp: z.optional(z.boolean()),
  /** @default true: a replica in another zone takes over */
  failover: z.optional(z.boolean()),
  /** @default 100 MB */
  storeBytes: z.optional(z.whole(1_000_000)),
  evictionPolicy: z.optional(z.enum(['volatile-lru', 'allkeys-lru', 'noeviction'])),
  /** Another application's target group has the load balancer too. @default false */
  sharedBalancer: z.optional(z.boolean()),
  /** A canary keeps sessions alive. @default true */
  canary: z.optional(z.boolean()),
});

const STORE_STATES = [
  'down',
  'loading',
  'refusingLogins',
  'readOnly',
  'full',
  'slow',
  'busy',
  'withoutName',
  'untrusted',
  'outOfConnections',
] as const;
export type StoreState = (typeof STORE_STATES)[number];

const happening = z.discriminatedUnion('what', [
  /** The store fails for servers, for the collector or for both (the default). `share`: of the servers' requests. */
  z.strictObject({
    ...{ what: z.literal('store'), ...when, share, servers, says },
    is: z.enum(STORE_STATES),
    for: z.optional(z.array(z.enum(['servers', 'collector']))),
    /** Which nodes fail the collector. @default both */
    nodes: z.optional(z.array(z.enum(['primary', 'replica']))),
    /** What a server's PING gets. @default by `is` */
    ping: z.optional(z.enum(['PONG', 'refused', 'silent', 'LOADING', 'BUSY', 'noName'])),
  }),
  /** These requests get that status: of servers (which can log `says`), of the load balancer itself, or of what is in front of it. */
  z.strictObject({
    ...{ what: z.literal('answers'), ...when, share, servers, paths, says },
    status,
    by: z.enum(['servers', 'balancer', 'front']),
    method: z.optional(z.enum(['GET', 'POST'])),
    /** Lines of `says` for each of them. @default 1 */
    lines: z.optional(z.whole(1, 50)),
  }),
  /** Sessions end in the store: at once, or evenly until then. */
  z.strictObject({ ...{ what: z.literal('sessionsEnd'), ...when, share }, how: z.enum(['deleted', 'evicted']) }),
  /** A deploy: servers get the release one by one. */
  z.strictObject({
    ...{ what: z.literal('release'), ...when, ...application },
    version: z.matching(/^[0-9]+\.[0-9]+\.[0-9]+$/),
    status: z.optional(z.enum(['RUNNING', 'SUCCEEDED', 'FAILED'])),
    /** What the deploy's record warns of. */
    warnings: z.optional(z.array(z.text(1, 300))),
  }),
  /** The application's settings change without a deploy, on some or all servers. */
  z.strictObject({ ...{ what: z.literal('settings'), ...when, ...application }, servers }),
  /** The target group's stickiness, and who changed it. */
  z.strictObject({
    ...{ what: z.literal('stickiness'), ...when },
    enabled: z.boolean(),
    durationSeconds: z.optional(z.whole(1, 604_800)),
    by: z.optional(z.enum(['person', 'role', 'nobody'])),
  }),
  /** Auto Scaling ends a server and launches another one. */
  z.strictObject({ what: z.literal('replaced'), at: minute, server: z.whole(1, 12), why: z.enum(['unhealthy', 'scaleIn', 'person']) }),
  /** Servers' processes begin anew, without a deploy. */
  z.strictObject({ what: z.literal('serverRestart'), at: minute, servers }),
  /** The replica becomes the primary. `share`: of the sessions that it had not got. */
  z.strictObject({
    what: z.literal('failover'),
    at: minute,
    share,
    seconds: z.optional(z.whole(1, 600)),
    reported: z.optional(z.boolean()),
  }),
  z.strictObject({ what: z.literal('storeRestart'), at: minute, empty: z.boolean(), reported: z.optional(z.boolean()) }),
  /** An event of ElastiCache, in its words. */
  z.strictObject({ what: z.literal('event'), at: minute, message: z.text(1, 300) }),
  /** A call in CloudTrail. */
  z.strictObject({
    ...{ what: z.literal('trail'), at: minute },
    event: z.matching(/^[A-Z][A-Za-z]{2,60}$/),
    service: z.matching(/^[a-z0-9-]+\.amazonaws\.com$/),
    by: z.optional(z.enum(['person', 'role', 'service'])),
    parameters: z.optional(z.record(z.string(), z.unknown())),
  }),
  /** Keys come into the store, evenly until then. */
  z.strictObject({
    ...{ what: z.literal('keys'), ...when },
    kind: z.enum(['cache', 'sessions', 'index', 'queue']),
    count: z.whole(1, 5_000_000),
    bytes: z.whole(1, 10_000_000),
    /** @default none */
    ttlSeconds: z.optional(z.nullable(z.whole(1, 31_536_000))),
    /** Since its last use. @default 10 */
    idleSeconds: z.optional(z.whole(0, 31_536_000)),
  }),
  /** The store makes room: it deletes other keys than these sessions. */
  z.strictObject({ what: z.literal('evictions'), ...when, perMinute: z.whole(1, 100_000) }),
  /** Requests besides those of users. */
  z.strictObject({
    ...{ what: z.literal('visitors'), ...when },
    perMinute: z.whole(1, 5_000),
    agent: z.enum(['browser', 'bot', 'health-check', 'script']),
    path: z.matching(/^\/[!-~]*$/),
    /** @default as a user without a session gets it */
    status: z.optional(status),
    /** Each begins a session in the store. */
    begins: z.optional(z.boolean()),
    /** They send session ids that no server gave out. */
    inventIds: z.optional(z.boolean()),
  }),
  /** So many times as many people are on the site. */
  z.strictObject({ ...{ what: z.literal('users'), ...when }, times: z.number().check(z.minimum(0), z.maximum(20)) }),
  /** Users come back from another site: a payment, a sign-in. */
  z.strictObject({
    ...{ what: z.literal('returns'), ...when },
    perMinute: z.whole(1, 200),
    method: z.enum(['GET', 'POST']),
    path: z.matching(/^\/[!-~]*$/),
  }),
  /** What is in front takes cookies out of requests, or out of answers. */
  z.strictObject({ ...{ what: z.literal('cookies'), ...when, share, paths }, outOf: z.enum(['requests', 'answers']) }),
  /** Other lines in servers' application logs. */
  z.strictObject({ what: z.literal('lines'), ...when, says: z.text(1, 400), perMinute: z.whole(1, 1_000), servers }),
  z.strictObject({ what: z.literal('targets'), ...when, servers, is: z.enum(['unhealthy', 'draining']) }),
  z.strictObject({ what: z.literal('sweep'), at: minute, repaired: z.whole(0), shortened: z.whole(0) }),
  /** A source gives nothing. */
  z.strictObject({ what: z.literal('missing'), source: z.enum(SOURCES) }),
]);
export type Happening = z.infer<typeof happening>;
export type HappeningOf<What extends Happening['what']> = Extract<Happening, { what: What }>;
export type Application = Pick<HappeningOf<'settings'>, keyof typeof application>;

const acts = z.array(z.enum(ACTS));

const expectation = z.strictObject({
  /** Causes, by their names in docs/incidents.md, of which any is right; none: no row has it. */
  causes: z.array(z.matching(/^[a-z][a-z-]+$/)),
  /** How sure a right one can be said to be at most. @default certain */
  atMost: z.optional(z.enum(['certain', 'likely'])),
  /** Whether people are hurt, or were within the hour before the run. */
  hurt: z.boolean(),
  /** Nobody is hurt any more, and it does not come again; false: it goes on, or recurs. @default either can be said */
  over: z.optional(z.boolean()),
  /** What a first step can be: right, a wrong lead, or one that does harm. What is in none of the three is generic. */
  step: z.optional(z.strictObject({ right: acts, wrong: acts, harmful: acts })),
});

const situation = z.strictObject({
  name: z.matching(/^[a-z0-9][a-z0-9-]{2,63}$/),
  /** The address of the report that it is made from, or who thought of it. */
  from: z.text(3, 300),
  /** What happens, since when, to whom. */
  story: z.text(10, 600),
  runbook: z.enum(['logged-out', 'store-failure', 'session-explosion']),
  /** How many minutes before the run the alarm fired. @default 8 */
  signMinutes: z.optional(z.whole(1, 55)),
  /** A person asks; no alarm fired. @default false */
  byPerson: z.optional(z.boolean()),
  installation: z.optional(installation),
  happens: z.array(happening).check(z.maxLength(30)),
  expect: expectation,
});
export type Situation = z.infer<typeof situation>;
export type Runbook = Situation['runbook'];

/** @returns the situation, or a sentence that says what of it is wrong */
export function readSituation(value: unknown): Situation | string {
  const parsed = situation.safeParse(value);
  if (!parsed.success) return z.prettifyError(parsed.error);
  const wrong = parsed.data.happens.find((one) => 'until' in one && one.until !== undefined && 'at' in one && one.until < one.at);
  if (wrong !== undefined && 'at' in wrong) return `it has a ${wrong.what} that ends before it begins (at ${wrong.at})`;
  const most = parsed.data.installation?.servers ?? SERVERS;
  const beyond = parsed.data.happens.find((one) => 'servers' in one && one.servers?.some((number) => number > most));
  if (beyond !== undefined) return `it has a ${beyond.what} on a server that does not exist: there are ${most}`;
  return parsed.data;
}

export const SERVERS = 3;
export const USERS = 80;
