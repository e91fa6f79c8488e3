/** How a fleet's releases are made from what its build makes: a WAR, or a bundle of CodeDeploy. Without it a release is a folder. */
import { z } from 'zod';
import {
  type AppContract,
  ASSET_FOLDER,
  ASSET_PATH,
  appContract,
  CODE_DEPLOY_NAME,
  STATUS_CODES,
  toReadyPage,
} from '../../functions/shared/app-contract.ts';
import { parsePart, writtenAs } from './created-or-existing.ts';
import { matching, port, text, whole } from './values.ts';

/** What Holdfast's valve answers to requests that no proxy forwarded: those of a load balancer's health check. */
export const OWN_LIVE_PATH = '/holdfast/live';

const path = matching(/^\/[!-~]*$/, 'must be a path that begins with / and is printable ASCII without spaces');
const REQUESTED = 'a path, or `{ "path", "status", "contains" }` of a plain page, which the readiness check requests';
const readyPage = z.union(
  [
    path,
    z.strictObject({
      path: path.describe('the path that the readiness check requests'),
      status: whole(200, 499).optional().meta({ description: 'the status that it must have', unset: '200' }),
      contains: text(256).optional().describe('text that the page must contain'),
    }),
  ],
  { error: 'must be a path that begins with /, or { "path", "status", "contains" } of a plain page' },
);
const statusCodes = matching(STATUS_CODES, 'must be status codes from 200 to 499, such as "200,302" or "200-399"');
const absolute = matching(/^\/[!-~]*$/, 'must be an absolute path on the servers, in printable ASCII without spaces');
/** The path of a file or folder on the machine that publishes, relative to the configuration. */
const file = z.string().min(1);

/** No later than the 30 s after which systemd kills what it stops (user data's TimeoutStopSec), with time for the rest of the stop. */
const LONGEST_GRACEFUL_STOP_SECONDS = 20;
/** Above the 60 s for which a load balancer lets connections idle by default, with a margin. */
const KEEP_ALIVE_SECONDS = 75;

export const tomcatApp = z.strictObject({
  kind: z.literal('tomcat').describe('`tomcat`'),
  home: absolute
    .optional()
    .meta({ description: 'CATALINA_HOME on the servers, where `runtimePackages` or the image put it', unset: '`archive` instead' }),
  archive: file.optional().meta({
    description: "instead of `home`: Tomcat's own .tar.gz or .zip, a part of each release, without its applications",
    unset: '`home` instead',
  }),
  libraries: file.optional().describe("a folder, .tar.gz or .zip of jars for Tomcat's `lib`: a part of each release"),
  conf: file.optional().describe('a folder of configuration files, such as server.xml, that replace those of the release'),
  health: z
    .strictObject({
      loadBalancer: path
        .default(OWN_LIVE_PATH)
        .describe('answers with `status` while the server can take traffic, and does not depend on the store'),
      status: statusCodes.default('200').describe("status codes that count as healthy; the fleet's `healthStatus` follows"),
      ready: readyPage.optional().meta({
        description: REQUESTED,
        unset: "Holdfast's valve: the application has started, a session can be kept, and `loadBalancer` answers",
      }),
    })
    .prefault({})
    .describe('how the application shows that it can take traffic'),
  session: z
    .strictObject({
      cookie: matching(/^[A-Za-z0-9_.-]{1,64}$/, 'must be a name of 1 to 64 letters, digits, ".", "_" and "-"').describe(
        "name of the session's cookie",
      ),
      page: path.optional().describe('path of a page that begins a session without a login'),
    })
    .optional()
    .describe('how requests show a session, for the runbooks of incidents: as in `holdfast.app.json`'),
  assets: z
    .array(
      z.strictObject({
        folder: matching(...ASSET_FOLDER).describe('a folder of the WAR'),
        path: matching(...ASSET_PATH).describe('where the application answers its files'),
      }),
    )
    .min(1)
    .max(8)
    .optional()
    .describe('folders of the WAR with files that pages name by their content, and their paths: as in `holdfast.app.json`'),
  sessionManager: z.enum(['redisson', 'application', 'memory', 'cluster']).optional().meta({
    description:
      "what keeps the sessions: `redisson` (its jars are in `libraries`) in the store, the `application` itself, or Tomcat in its `memory`, or in each server's of a `cluster`",
    unset: '`redisson` with strategy `redis`, `cluster` with `tomcat-cluster`, else `memory`',
  }),
  sessionUpdates: z.enum(['atOnce', 'afterRequest']).optional().meta({
    description:
      'when an attribute is written to the store: when it is set (`atOnce`), or also `afterRequest`, if the request changed an object of the session without setting it again',
    unset: '`afterRequest` with `stickiness`, else `atOnce`',
  }),
  javaHome: absolute.optional().meta({ description: 'JAVA_HOME on the servers', unset: 'the variable there, else `java` in PATH' }),
  leastJava: whole(11, 99)
    .default(17)
    .describe('oldest Java that the application runs on: an older one is refused at the start, a WAR for a newer one at publishing'),
  javaOptions: z
    .array(matching(/^-[^\s]+$/, 'must begin with - and have no spaces: each option is an element'))
    .default([])
    .describe('options of the command `java`, each an element: `-Xmx512m`'),
  maxThreads: whole(1, 10_000).default(200).describe('maximum number of request threads of the connector'),
  sameSite: z
    .enum(['strict', 'lax', 'none', 'unset'])
    .default('lax')
    .describe('SameSite of every cookie that the application sets; `unset` leaves it to the application'),
  keepAliveSeconds: whole(1, 4_000)
    .default(KEEP_ALIVE_SECONDS)
    .describe('seconds for which an idle connection stays open; above the idle time-out of the load balancer'),
  gracefulStopSeconds: whole(0, LONGEST_GRACEFUL_STOP_SECONDS)
    .default(LONGEST_GRACEFUL_STOP_SECONDS)
    .describe('seconds that requests in flight get when the server stops, 0 to 20'),
  statusPort: whole(1_024, 65_535).default(9_005).describe('port on 127.0.0.1 for the counts of requests and sessions'),
});

/** A part of a release's contract, checked by the contract's own schema. */
const asInContract = <K extends 'session' | 'sessions' | 'logs'>(key: K): z.ZodOptional<z.ZodType<AppContract[K], AppContract[K]>> =>
  writtenAs(
    z.unknown().transform((value, context) => parsePart(appContract.shape[key] as never, value, context, () => undefined)),
    z.looseObject({}),
  ).optional() as never;

const nameOfCodeDeploy = matching(CODE_DEPLOY_NAME, 'must be a name of 1 to 100 letters, digits and "._+=,@-"').optional();

const bundle = z.strictObject({
  kind: z.literal('bundle').describe('`bundle`'),
  readinessPath: readyPage
    .refine((page) => typeof page === 'string' || page.status !== undefined || page.contains !== undefined, {
      message: 'must have "status" or "contains", which a plain page answers; a path alone answers JSON with "status":"UP"',
    })
    .describe(REQUESTED),
  healthPath: path.optional().meta({
    description: "path of the load balancer's health check, which does not depend on the store; the fleet's `healthPath` follows",
    unset: 'the path of `readinessPath`',
  }),
  healthStatus: statusCodes.optional().meta({
    description: "status codes that count as healthy; the fleet's `healthStatus` follows",
    unset: '200; without `healthPath` the status of `readinessPath`',
  }),
  port: port.optional().meta({ description: "port of the bundle's service; the fleet's `port` follows", unset: "the fleet's `port`" }),
  applicationName: nameOfCodeDeploy.meta({ description: 'what scripts read as `APPLICATION_NAME`', unset: 'the installation' }),
  deploymentGroupName: nameOfCodeDeploy.meta({ description: 'what scripts read as `DEPLOYMENT_GROUP_NAME`', unset: "the fleet's name" }),
  session: asInContract('session').describe('how requests show a session: as in [`holdfast.app.json`](app-contract.md)'),
  sessions: asInContract('sessions').describe("how the sessions in the server's memory are counted: as in `holdfast.app.json`"),
  logs: asInContract('logs').describe('the logs that incidents are counted in: as in `holdfast.app.json`'),
});

export const app = z.discriminatedUnion('kind', [tomcatApp, bundle], {
  error: 'must be an object with "kind": "tomcat" or "kind": "bundle"',
});
type App = z.output<typeof app>;
export type TomcatApp = z.output<typeof tomcatApp>;
export type BundleApp = z.output<typeof bundle>;

export interface WithApp {
  readonly app?: App | undefined;
}

export const isBundleFleet = ({ app: ofFleet }: WithApp): boolean => ofFleet?.kind === 'bundle';

/** What synthesis and publishing print. */
export const bundleRight = (fleet: string): string => `Publishing to fleet ${fleet} is the right to be root on its servers.`;

/** How a bundle's service shows that it can take traffic, as a release's contract has it. */
export function bundleHealth({ readinessPath, healthPath, healthStatus }: BundleApp) {
  const { path: readiness, status } = toReadyPage({ ready: readinessPath } as AppContract['health']);
  const same = healthPath === undefined && status !== undefined ? `${status}` : '200';
  return { loadBalancer: healthPath ?? readiness, status: healthStatus ?? same, ready: readinessPath };
}

/** @see https://docs.aws.amazon.com/linux/al2023/ug/amazon-corretto.html */
const CORRETTOS = [17, 21, 25] as const;
/** The package of the oldest Java that is old enough; of the newest where none is. */
const javaPackage = (least: number): string =>
  `java-${CORRETTOS.find((version) => version >= least) ?? CORRETTOS.at(-1)}-amazon-corretto-headless`;
const TOMCAT = 'tomcat10';

/** Another Java than the default: `java-21-amazon-corretto-headless`, `java-25-openjdk`. */
const JAVA = /^(?:java|jdk|jre|temurin)-?(?:1[.]8[.]0|([0-9]+))/;
const isJava = (name: string): boolean => JAVA.test(name);

/**
 * The main version of the Java on a fleet's servers, as far as its configuration shows it: by the name of its folder or its package, else
 * the oldest that the application runs on.
 */
export function javaOf({ javaHome, leastJava }: Pick<TomcatApp, 'javaHome' | 'leastJava'>, packages: readonly string[] = []): number {
  const ofHome = javaHome === undefined ? undefined : /(?:java|jdk|jre|temurin|corretto|openjdk)-?([0-9]+)(?![0-9])/.exec(javaHome)?.[1];
  const installed = javaHome === undefined ? packages.map((name) => JAVA.exec(name)?.[1]).find((found) => found) : ofHome;
  return Math.max(Number(installed ?? 0), leastJava);
}

/** The main version of the Tomcat in a folder of the servers, by its name: `/usr/share/tomcat10`, `/opt/apache-tomcat-9.0.117`. */
export function tomcatOfHome(home: string | undefined): number | undefined {
  const found = /tomcat-?([0-9]{1,2})(?![0-9])[^/]*\/?$/.exec(home ?? '')?.[1];
  return found === undefined ? undefined : Number(found);
}

/**
 * The settings of a fleet that follow from its `app`: packages of its runtime, and the load balancer's health check.
 * @param value `app` as it was written, before it is checked
 * @param named the fleet's own list of packages: those of the application are added to it
 */
export function impliedBy(
  value: unknown,
  named: readonly string[] = [],
): { runtimePackages?: string[]; healthPath?: string; healthStatus?: string; port?: number | undefined } {
  const parsed = app.safeParse(value);
  if (!parsed.success) return {};
  if (parsed.data.kind === 'bundle') {
    const { loadBalancer, status } = bundleHealth(parsed.data);
    // A bundle's own scripts install what it runs on.
    return { runtimePackages: [...named], healthPath: loadBalancer, healthStatus: status, port: parsed.data.port };
  }
  const { javaHome, home, health, leastJava } = parsed.data;
  // A Java or Tomcat in another folder than the packages' is not installed: the server's image has to contain it.
  const packages = [
    ...named,
    ...(javaHome === undefined && !named.some(isJava) ? [javaPackage(leastJava)] : []),
    ...(home === `/usr/share/${TOMCAT}` ? [TOMCAT] : []),
  ];
  return { runtimePackages: [...new Set(packages)], healthPath: health.loadBalancer, healthStatus: health.status };
}

/** Of a fleet of Tomcats; undefined for others, whose sessions Holdfast does not keep. */
export function sessionManagerOf({ app: ofFleet, strategy }: WithApp & { readonly strategy: string }): TomcatApp['sessionManager'] {
  if (ofFleet === undefined || ofFleet.kind === 'bundle') return undefined;
  return ofFleet.sessionManager ?? (strategy === 'redis' ? 'redisson' : strategy === 'tomcat-cluster' ? 'cluster' : 'memory');
}
