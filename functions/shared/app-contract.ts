import * as z from './schema.ts';

/**
 * `holdfast.app.json`, at the root of a release: the contract between Holdfast and the server in it.
 * docs/app-contract.md documents it for users.
 */

/** File name of the contract at the root of a release. */
export const APP_CONTRACT_FILE = 'holdfast.app.json';

/** The name of an environment's variable. */
export const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

/** Servers refuse a longer contract. */
export const LONGEST_CONTRACT_BYTES = 65_536;

/** A year. A server that never ends a session states this. */
const MOST_TIMEOUT_SECONDS = 31_536_000;

export const PROBES = ['inFlight', 'requests', 'errors', 'latencyMs', 'sessions'] as const;

/**
 * Written in the place of a probe's port: the server's variable STATUS_PORT has the number, which differs between servers of the local
 * cloud.
 */
export const STATUS_PORT = 'STATUS_PORT';

const port = z.whole(1, 65_535);
/** The port of a listener for probes alone, on 127.0.0.1. @default the server's port */
const probePort = z.optional(z.union([port, z.literal(STATUS_PORT)]));

export const cookieName = z.matching(/^[A-Za-z0-9_.-]{1,64}$/);
/** The text in a session cookie that names a server; no dot, which ends it there. */
export const routeName = z.matching(/^[A-Za-z0-9_-]{1,64}$/);

/** A path is printable ASCII: what else an address can have is in percent escapes. */
const httpPath = z
  .string()
  .check(z.regex(/^\/[!-~]*$/, 'is not a path in printable ASCII that begins with /: write other characters as percent escapes'));

/** Status codes as Elastic Load Balancing has them: `200`, `200,302`, `200-399`. */
export const STATUS_CODES = /^[2-4][0-9]{2}(-[2-4][0-9]{2})?(,[2-4][0-9]{2}(-[2-4][0-9]{2})?){0,9}$/;

/** What is more than a path: on the port of the probes, or a plain page with an expected status and text. */
const readyPage = z.strictObject({
  path: httpPath,
  port: probePort,
  /** With this or `contains` the page is plain; else it is JSON with `"status":"UP"`. @default 200 */
  status: z.optional(z.whole(200, 499)),
  /** Text in the first 64 KB of the page. */
  contains: z.optional(z.text(1, 256)),
});

/** A folder in the release, `/` between its parts; and why another one is none. */
export const ASSET_FOLDER = [
  /^(?![.]{1,2}(?:\/|$))[ -.0-[\]-~]+(?:\/(?![.]{1,2}(?:\/|$))[ -.0-[\]-~]+)*$/,
  'must be a folder of the release without / at its ends, such as "public/assets"',
] as const;
export const ASSET_PATH = [
  /^\/(?:[A-Za-z0-9._~@-]+\/)*$/,
  'must begin and end with /, such as "/assets/", without percent escapes',
] as const;

const logPath = z.matching(/^[!-~]{1,256}$/);
/** Field of a line of JSON, dots between objects. */
const fieldOfLine = z.matching(/^[!-\-/-~]{1,64}([.][!-\-/-~]{1,64}){0,7}$/);
const logField = z.optional(fieldOfLine);
/** What a line of the access log is made of: the server's own log format, or the fields of a line of JSON. */
const logPattern = z.union([
  z.text(1, 1_024),
  z.strictObject({
    time: fieldOfLine,
    status: fieldOfLine,
    session: logField,
    answered: logField,
    set: logField,
    path: logField,
    agent: logField,
    referer: logField,
    host: logField,
    method: logField,
  }),
]);

const fieldProbe = z.strictObject({
  path: httpPath,
  port: probePort,
  /** Dotted path of a number in the JSON response: `requests.inFlight`. */
  field: z.matching(/^[A-Za-z0-9_.-]+$/),
});
const patternProbe = z.strictObject({
  path: httpPath,
  port: probePort,
  /**
   * Regular expression (the common subset of JavaScript and Python) whose first group is the number. The server searches
   * the first 64 KB of the response for it, for at most 0.5 s.
   */
  pattern: z.text(1, 256),
});
/** How one number is read on the server's localhost: a field of a JSON response, or a pattern's first group in a text response. */
const probe = z.union([fieldProbe, patternProbe]);
export type Probe = z.infer<typeof probe>;

/**
 * Name of a query parameter that the probe's path takes, in milliseconds since the epoch: then only users' sessions that began before that
 * moment and have not timed out are counted, so that a session that begins during a wait does not prolong it.
 */
const before = z.optional(z.matching(/^[A-Za-z0-9_-]{1,32}$/));
const sessionsProbe = z.union([z.strictObject({ ...fieldProbe.shape, before }), z.strictObject({ ...patternProbe.shape, before })]);

/** @see https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ApplicationInfo.html */
export const CODE_DEPLOY_NAME = /^[A-Za-z0-9._+=,@-]{1,100}$/;

/**
 * The lifecycle events of CodeDeploy whose scripts run on a server, in their order; Install comes after BeforeInstall.
 * @see https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
 */
export const BUNDLE_EVENTS = [
  'BeforeBlockTraffic',
  'AfterBlockTraffic',
  'ApplicationStop',
  'BeforeInstall',
  'AfterInstall',
  'ApplicationStart',
  'ValidateService',
  'BeforeAllowTraffic',
  'AfterAllowTraffic',
] as const;
export type BundleEvent = (typeof BUNDLE_EVENTS)[number];
/** The folder of a release that has a bundle's files. */
export const BUNDLE_FOLDER = 'bundle';
export const FILE_EXISTS = ['DISALLOW', 'OVERWRITE', 'RETAIN'] as const;

/** A directory's accounts have names such as `user@example.com`. */
export const ACCOUNT = /^[^\s:/-][^\s:/]{0,63}$/;
const bundlePath = z.text(1, 1_024);
const account = z.optional(z.matching(ACCOUNT));
/** What a CodeDeploy bundle's appspec says, without what it leaves to its defaults. */
const bundle = z.strictObject({
  /** Sources in the bundle (`/`: all of it), and absolute folders on the server. */
  files: z.array(z.strictObject({ source: bundlePath, destination: bundlePath })).check(z.maxLength(1_000)),
  permissions: z
    .array(
      z.strictObject({
        object: bundlePath,
        pattern: z.optional(z.text(1, 256)),
        except: z.optional(z.array(z.text(1, 256))),
        type: z.optional(z.array(z.enum(['file', 'directory']))),
        owner: account,
        group: account,
        /** Octal digits. */
        mode: z.optional(z.matching(/^[0-7]{1,4}$/)),
      }),
    )
    .check(z.maxLength(1_000)),
  fileExists: z.enum(FILE_EXISTS),
  hooks: z.partialRecord(
    z.enum(BUNDLE_EVENTS),
    z.array(z.strictObject({ location: bundlePath, timeout: z.whole(1, 86_400), runas: account })).check(z.maxLength(100)),
  ),
});
export type Bundle = z.infer<typeof bundle>;

/** The longest that the scripts of these events take, in seconds. */
export const hookSeconds = ({ hooks }: Bundle, events: readonly BundleEvent[]): number =>
  events.flatMap((event) => hooks[event] ?? []).reduce((sum, { timeout }) => sum + timeout, 0);

export const appContract = z.strictObject({
  /** Program and arguments, run in the release's folder with PORT in the environment. No shell. Of a bundle: the name of its appspec. */
  start: z.array(z.string().check(z.minLength(1))).check(z.minLength(1)),
  /** The port that the server listens on when PORT is not set. */
  port,
  /** The default of the variable STATUS_PORT: where the server answers probes with that port, and nothing else. */
  statusPort: z.optional(port),
  health: z.strictObject({
    /** Returns `status` while this server can take traffic. Must not depend on the session store. */
    loadBalancer: httpPath,
    /** What the load balancer takes for healthy. @default 200 */
    status: z.optional(z.matching(STATUS_CODES)),
    /** Returns 200 with `"status":"UP"` when the release works, the session store included; or the page that shows that it works. */
    ready: z.union([httpPath, readyPage]),
  }),
  /** How long the server keeps an idle connection open. It has to exceed the load balancer's idle time-out, or requests meet a closed connection. */
  keepAliveSeconds: z.optional(z.whole(1, 86_400)),
  /** Requests that the server is handling now, without the probe itself. */
  inFlight: z.optional(probe),
  /** Requests served since the start, without probes and health checks; never decreases. */
  requests: z.optional(probe),
  /** Responses with a 5xx status since the start; never decreases. */
  errors: z.optional(probe),
  /** Recent response time in milliseconds: any mean or percentile over the last minute or less. */
  latencyMs: z.optional(probe),
  /** Sessions in this server's memory. */
  sessions: z.optional(sessionsProbe),
  /**
   * For a server that compares session attributes with the store at the end of sampled requests: an object with the counts `requests`, those
   * that changed an attribute which was not written, and `of`, and the lists `attributes` and `unserializable` of names.
   */
  unwritten: z.optional(fieldProbe),
  /** Written by publishing for a CodeDeploy bundle, whose own service runs: only the install document of a fleet of bundles obeys it. */
  bundle: z.optional(bundle),
  /** Variables without which the application does not work: the fleet's `environment` has to name them. */
  requires: z.optional(z.array(z.matching(VARIABLE_NAME)).check(z.maxLength(100))),
  /** Files that a deploy keeps on all servers as long as pages of their release can ask for them. */
  assets: z.optional(
    z
      .array(z.strictObject({ folder: z.string().check(z.regex(...ASSET_FOLDER)), path: z.string().check(z.regex(...ASSET_PATH)) }))
      .check(z.minLength(1), z.maxLength(8)),
  ),
  /** What an incident's runbook counts on the server. */
  logs: z.optional(
    z.strictObject({
      access: z.optional(
        z.strictObject({
          /** Below HOLDFAST_DATA, or absolute with a folder named `log` or `logs` in it; `*` in the name is a date. */
          path: logPath,
          pattern: logPattern,
          /** Paths of the application whose words may appear in reports; of others only common words do. */
          paths: z.optional(z.array(httpPath.check(z.maxLength(256))).check(z.maxLength(100))),
          /** Paths whose requests log a user in: another session there is a login, and one anywhere else is a loss. */
          logins: z.optional(z.array(httpPath.check(z.maxLength(256))).check(z.maxLength(100))),
        }),
      ),
      /** Path of the application's own log, with the same rules. @default the service's journal */
      application: z.optional(logPath),
    }),
  ),
  session: z.optional(
    z.strictObject({
      /** Name of the cookie that carries the session's id. */
      cookie: cookieName,
      /** How the server answers that name, which a deploy then takes instead: a text. */
      answeredCookie: z.optional(probe),
      /** How many sessions are known by the id in URLs and by no cookie: a load balancer's rule does not see it there. */
      inUrls: z.optional(probe),
      /** A page that begins a session: its cookie's attributes are read, on the server's localhost. */
      page: z.optional(httpPath),
      /** A path that ends the request's session, by GET: where sessions are in memory, a deploy ends so what it has begun. */
      end: z.optional(httpPath),
      /**
       * How the server's route is read: the text by which its own sessions are known, as a part of the cookie's value between dots
       * (Tomcat's jvmRoute).
       * @default the instance's id (HOLDFAST_INSTANCE_ID), else the host's name with "-" for each dot
       */
      route: z.optional(probe),
      /** Idle seconds after which the server ends a session: the number itself, or how it is read. */
      timeoutSeconds: z.optional(z.union([fieldProbe, patternProbe, z.whole(1, MOST_TIMEOUT_SECONDS)])),
    }),
  ),
});

export type AppContract = z.infer<typeof appContract>;
export type LogPattern = z.infer<typeof logPattern>;

/** Every probe of a contract by its key, dots between objects. */
export function probesOf(app: AppContract): readonly (readonly [key: string, probe: Probe])[] {
  const { answeredCookie, inUrls, route, timeoutSeconds } = app.session ?? {};
  const all = [
    ...PROBES.map((key) => [key, app[key]] as const),
    ['session.answeredCookie', answeredCookie] as const,
    ['unwritten', app.unwritten] as const,
    ['session.inUrls', inUrls] as const,
    ['session.route', route] as const,
    ['session.timeoutSeconds', typeof timeoutSeconds === 'object' ? timeoutSeconds : undefined] as const,
  ];
  return all.flatMap(([key, found]) => (found === undefined ? [] : [[key, found] as const]));
}

/** A path alone is JSON on the server's port. */
export const toReadyPage = ({ ready }: AppContract['health']): ReadyPage => (typeof ready === 'string' ? { path: ready } : ready);
export type ReadyPage = z.infer<typeof readyPage>;

/** Whether the load balancer's check requests the same as the readiness check. */
export function isReadyPath(health: AppContract['health'], healthCheckPath: string): boolean {
  const { path, port } = toReadyPage(health);
  return port === undefined && path === healthCheckPath;
}
