/** The documents read-logs and access-log: their names, parameters and answers. */

import { DOCUMENT_STEPS, DOCUMENTS } from '../../instance/document-contract.ts';
import * as z from '../../shared/schema.ts';
import { INSTALLED_VERSION_PATTERN } from '../../shared/version.ts';

/** Parts of a path that say nothing of a user: all that a server's answer may name besides its contract's words. read-logs has them too. */
export const PATH_WORDS: ReadonlySet<string> = new Set(
  `
about account accounts action actuator admin ads api app apps article articles asset assets auth authenticate
authorize basket billing blog browse callback cart catalog categories category chat check checkout comment comments
confirm contact content count css customer customers dashboard data delete detail details docs download downloads edit
en error events export faq favicon.ico feed file files forgot fonts forum graphql group groups health healthz help
history home images img import index index.html index.jsp info internal invoice invoices item items job jobs js json
jsp legal list live livez login logout mail me media messages metrics mobile new news notifications oauth oauth2
offers order orders page pages password pay payment payments ping photos post posts preferences pricing privacy
product products profile public queue ready readyz register report reports reset rest review reviews robots.txt rss
saml save search secure send service services session sessions settings shipping shop signin signout signup
sitemap.xml slow socket sso start static stats status store stream submit subscribe support tag tags tasks terms test
tickets token tools track update upload uploads user users v1 v2 v3 v4 verify version view web webhook websocket
welcome wishlist ws xml
`
    .trim()
    .split(/\s+/),
);

export const READ_LOGS = { document: 'read-logs', step: 'readLogs' } as const;
export const READ_ACCESS_LOG = { document: DOCUMENTS.accessLog, step: DOCUMENT_STEPS.accessLog } as const;

export type ReadLogsWindow = { readonly fromMs: string; readonly toMs: string };
export interface ReadLogsParameters extends ReadLogsWindow {
  readonly newSinceMs: string;
}
export interface ReadAccessLogParameters extends ReadLogsWindow {
  /** 64 hex digits: the same for each server of one incident. */
  readonly hashKey: string;
}

export const APPLICATION_CATEGORIES = [
  'storeConnection',
  'readOnly',
  'outOfMemory',
  'serialization',
  'decryption',
  'sessionTimeout',
] as const;
export type ApplicationCategory = (typeof APPLICATION_CATEGORIES)[number];
const AGENT_CLASSES = ['browser', 'bot', 'health-check', 'script', 'none', 'unknown'] as const;

/** A document reads 20 MB of a log at most, which have fewer lines than this: no count of it is larger. */
const MOST = 100_000_000;
/** The end of the year 9999. A number far beyond it is no date in JavaScript, and a runbook that formats it would fail. */
const LATEST_MS = 253_402_300_799_999;
const MOST_ROUTES = 40;
/** The route (jvmRoute) of a Tomcat can be the name or the address of its host. */
const routeName = z.matching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/);
const MOST_SESSIONS = 500;
const count = z.whole(0, MOST);
const time = z.whole(0, LATEST_MS);

const returned = { withCookie: count, withoutCookie: count, refused: count };

const countsBy = (key: RegExp, most: number) =>
  z.record(z.matching(key), count).check(z.refine((counts) => Object.keys(counts).length <= most, `at most ${most} entries`));
const byCategory = <Value extends z.ZodMiniType>(value: Value) => z.partialRecord(z.enum(APPLICATION_CATEGORIES), value);
const MOST_MINUTES = 120;
const MOST_BY_PATH = 21;
export const MOST_CELLS = 200;
const MOST_FORMS = 12;
/** No digit, address, URL or markup: what differs from line to line is not in a form. */
const FORM = /^(?!.*:\/\/)[^\d@<|`]{3,160}$/;
const PATH = '(?:other|(?:/[A-Za-z0-9._*-]{0,32}){1,5})';
const PAIRS = '[0-9]{1,7}:[0-9]{1,9}(?:,[0-9]{1,7}:[0-9]{1,9}){0,199}';

/**
 * One JSON line of each; what both answer together. Anyone who has taken a server over decides what it answers: nothing is longer, larger
 * or of another form than what the document prints, and no text is shown to people as it came (server-words.ts).
 */
export const readLogsOutput = z.strictObject({
  release: z.matching(new RegExp(INSTALLED_VERSION_PATTERN)),
  route: z.optional(routeName),
  access: z.optional(
    z.strictObject({
      lines: count,
      /** Part of the window that the log covers; it is read from its end, at most 20 MB. */
      fromMs: time,
      toMs: time,
      statuses: countsBy(/^[1-5][0-9][0-9]$/, 500),
      withSession: z.nullable(count),
      /** Sessions that this server knew, and that a request got another one in place of. Null: the log does not show it. */
      replaced: z.nullable(count),
      /** Requests whose session cookie named another route than the server's own; null where this server's is unknown. */
      foreignRoute: z.nullable(count),
      routes: z.array(routeName).check(z.maxLength(MOST_ROUTES)),
      /**
       * `HASH FIRST LAST REQUESTS ROUTES [FLAGS]`: seconds since `fromMs`, positions in `routes`, `*` for a session that the server gave
       * out in this log, `!` for one that was lost, and `?` for one that clients alone named: this server neither gave it out nor found it.
       */
      sessions: z
        .array(z.matching(/^[0-9a-f]{12} [0-9]{1,7} [0-9]{1,7} [0-9]{1,9} ([0-9]{1,2}(,[0-9]{1,2}){0,7}|-)( (\*!?|!\??|\?))?$/))
        .check(z.maxLength(MOST_SESSIONS)),
      /** False: of the sessions that this server knew, `sessions` has those with the lowest hashes. */
      allSessions: z.boolean(),
      /** False: of the sessions that clients alone named, `sessions` has those with the lowest hashes. */
      allUnknown: z.boolean(),
      /** The session that each request ended with. Without it, a page that anybody gets looks as if the server knew the id. */
      showsAnswered: z.boolean(),
      created: z.nullable(z.strictObject({ byAgent: z.partialRecord(z.enum(AGENT_CLASSES), count) })),
      fromOtherSite: z.nullable(z.strictObject({ ...returned, posts: z.optional(z.strictObject(returned)) })),
      /** The latest minutes with requests, but for health checks: `MINUTE REQUESTS [REDIRECTS CLIENT SERVER]`, from that of `fromMs`. */
      minutes: z.optional(z.array(z.matching(/^[0-9]{1,7}( [0-9]{1,9}){1,4}$/)).check(z.maxLength(MOST_MINUTES))),
      /** `PATH STATUS:COUNT,…`, those with the most errors first, `other` last. In the place of a status, 0 is a lost session. */
      paths: z.optional(z.array(z.matching(new RegExp(`^${PATH} ${PAIRS}$`))).check(z.maxLength(MOST_BY_PATH))),
      /** `PATH STATUS MINUTE:COUNT,…`: PATH is a position in `paths`. */
      errors: z.optional(z.array(z.matching(new RegExp(`^[0-9]{1,2} [45][0-9]{2} ${PAIRS}$`))).check(z.maxLength(MOST_CELLS))),
      errorsCut: z.optional(z.boolean()),
      showsLost: z.optional(z.boolean()),
      partial: z.optional(z.boolean()),
    }),
  ),
  application: z.optional(
    z.strictObject({
      lines: count,
      storeConnection: count,
      readOnly: count,
      outOfMemory: count,
      serialization: count,
      decryption: z.optional(count),
      sessionTimeout: count,
      firstMs: byCategory(time),
      lastMs: byCategory(time),
      /** The latest minutes that have lines: `[MINUTE, LINES]`, MINUTE since the epoch. */
      minutes: z.optional(byCategory(z.array(z.tuple([z.whole(0, LATEST_MS / 60_000), count])).check(z.maxLength(MOST_MINUTES)))),
      forms: z.optional(
        z
          .array(
            z.strictObject({
              text: z.matching(FORM),
              bad: z.optional(z.literal(true)),
              /** Since the epoch: the minute of the first of `counts`. */
              minute: z.whole(0, LATEST_MS / 60_000),
              counts: z.array(count).check(z.minLength(1), z.maxLength(240)),
            }),
          )
          .check(z.maxLength(MOST_FORMS)),
      ),
      partial: z.optional(z.boolean()),
      /** Most of its lines have no time, and are not counted: it shows nothing. */
      undated: z.optional(z.boolean()),
    }),
  ),
  store: z.optional(z.strictObject({ reachable: z.boolean(), error: z.optional(z.text(0, 200)), loginUntried: z.optional(z.boolean()) })),
  ready: z.optional(z.boolean()),
  cookie: z.optional(
    z.strictObject({
      name: z.matching(/^[A-Za-z0-9_.-]{1,64}$/),
      maxAgeSeconds: z.nullable(z.whole(-9_999_999_999, 253_402_300_800)),
      sameSite: z.nullable(z.enum(['Strict', 'Lax', 'None'])),
      /** Or the application sets it only if the load balancer's header says that the request came over HTTPS. */
      secure: z.boolean(),
      httpOnly: z.boolean(),
      /** Whether a second answer, of the same session, set the cookie again. */
      slides: z.nullable(z.boolean()),
    }),
  ),
  gaps: z.array(z.text(0, 200)).check(z.maxLength(20)),
});
export type ReadLogsOutput = z.infer<typeof readLogsOutput>;
export const OUTPUT_OF = {
  [READ_LOGS.document]: z.omit(readLogsOutput, { route: true, access: true }),
  [READ_ACCESS_LOG.document]: z.pick(readLogsOutput, { release: true, route: true, access: true, gaps: true }),
};

export const READ_LOGS_ENV = { document: 'HOLDFAST_READ_LOGS_DOCUMENT', accessDocument: 'HOLDFAST_READ_ACCESS_LOG_DOCUMENT' } as const;
