/** How a fleet's releases are made from what its build makes, for servers that Holdfast knows. Without it a release is a folder. */
import { z } from 'zod';
import { STATUS_CODES } from '../../functions/shared/app-contract.ts';

/** What Holdfast's valve answers to requests that no proxy forwarded: those of a load balancer's health check. */
export const OWN_LIVE_PATH = '/holdfast/live';

/** A path as in holdfast.app.json. */
const path = z.string().regex(/^\/[!-~]*$/, 'must be a path that begins with / and is printable ASCII without spaces');
const gate = z.union(
  [path, z.strictObject({ path, status: z.int().min(200).max(499).optional(), contains: z.string().min(1).max(256).optional() })],
  { error: 'must be a path that begins with /, or { "path", "status", "contains" } of a plain page' },
);
const absolute = z.string().regex(/^\/[!-~]*$/, 'must be an absolute path on the servers, in printable ASCII without spaces');
/** The path of a file or folder on the machine that publishes, relative to the configuration. */
const file = z.string().min(1);

/** No later than the 30 s after which systemd kills what it stops (user data's TimeoutStopSec), with time for the rest of the stop. */
const LONGEST_GRACEFUL_STOP_SECONDS = 20;
/** Above the 60 s for which a load balancer lets connections idle by default, with a margin. */
const KEEP_ALIVE_SECONDS = 75;

const tomcat = z.strictObject({
  kind: z.literal('tomcat'),
  /** CATALINA_HOME on the servers, where runtimePackages or the image put it. */
  home: absolute.optional(),
  /** Instead of `home`: Tomcat's own .tar.gz or .zip, which becomes a part of each release. */
  archive: file.optional(),
  /** A folder, .tar.gz or .zip of jars for Tomcat's lib: a part of each release. */
  libraries: file.optional(),
  /** A folder of configuration files, such as server.xml, that replace those of the release. */
  conf: file.optional(),
  health: z
    .strictObject({
      /** Returns `status` while the server can take traffic; does not depend on the store. */
      loadBalancer: path.default(OWN_LIVE_PATH),
      /** Status codes that the load balancer takes for healthy; the fleet's `healthStatus` follows. */
      status: z.string().regex(STATUS_CODES, 'must be status codes from 200 to 499, such as "200,302" or "200-399"').default('200'),
      /** @default Holdfast's valve on the status port: the application has started, a session can be kept, and `loadBalancer` answers */
      gate: gate.optional(),
    })
    .prefault({}),
  /** The session's cookie, and a page that begins a session without a login, for the runbooks of incidents: as in holdfast.app.json. */
  session: z
    .strictObject({
      cookie: z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, 'must be a name of 1 to 64 letters, digits, ".", "_" and "-"'),
      page: path.optional(),
      /** Paths by which a deploy finds out whether releases read each other's sessions. Unused where sessions are in the servers' memory. */
      probe: z.strictObject({ write: path, read: path }).optional(),
    })
    .optional(),
  /**
   * Who keeps the sessions: `redisson` (its jars are in `libraries`) in the store, the `application` itself, or Tomcat in its `memory`, or
   * in that of each server of a `cluster`.
   * @default redisson with the strategy redis, cluster with tomcat-cluster, else memory
   */
  sessionManager: z.enum(['redisson', 'application', 'memory', 'cluster']).optional(),
  /**
   * When an attribute is written to the store: when it is set (`atOnce`), or also `afterRequest`, if the request has changed an object that it
   * got from the session without setting it again.
   * @default afterRequest with the fleet's `stickiness`, else atOnce
   */
  sessionUpdates: z.enum(['atOnce', 'afterRequest']).optional(),
  /** JAVA_HOME on the servers. @default the variable there, else `java` in PATH */
  javaHome: absolute.optional(),
  /** Oldest Java that the application runs on. */
  leastJava: z.int().min(11).max(99).default(17),
  /** Options as the command `java` takes them: `-Xmx512m`. */
  javaOptions: z.array(z.string().regex(/^-[^\s]+$/, 'must begin with - and have no spaces: each option is an element')).default([]),
  maxThreads: z.int().min(1).max(10_000).default(200),
  /** SameSite of every cookie that the application sets; `unset` leaves it to the application. */
  sameSite: z.enum(['strict', 'lax', 'none', 'unset']).default('lax'),
  keepAliveSeconds: z.int().min(1).max(4_000).default(KEEP_ALIVE_SECONDS),
  /** What is still in flight when the server stops gets this long. */
  gracefulStopSeconds: z.int().min(0).max(LONGEST_GRACEFUL_STOP_SECONDS).default(LONGEST_GRACEFUL_STOP_SECONDS),
  /** Port of the counts, on 127.0.0.1. */
  statusPort: z.int().min(1_024).max(65_535).default(9_005),
  /** With the strategy tomcat-cluster: TCP port of the copies, open between the nodes. */
  clusterPort: z.int().min(1_024).max(65_535).default(4_000),
});

/** The server that a fleet's releases run in. */
export const app = z.discriminatedUnion('kind', [tomcat], { error: 'must be an object with "kind": "tomcat"' });
export type TomcatApp = z.output<typeof tomcat>;

/** @see https://docs.aws.amazon.com/linux/al2023/ug/amazon-corretto.html */
const CORRETTOS = [17, 21, 25] as const;
/** The package of the oldest Java that is old enough; of the newest where none is. */
const javaPackage = (least: number): string =>
  `java-${CORRETTOS.find((version) => version >= least) ?? CORRETTOS.at(-1)}-amazon-corretto-headless`;
/** Has /usr/share/tomcat10. */
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
): { runtimePackages?: string[]; healthPath?: string; healthStatus?: string } {
  const parsed = app.safeParse(value);
  if (!parsed.success) return {};
  const { javaHome, home, health, leastJava } = parsed.data;
  // A Java or Tomcat in another folder than the packages' is not installed: the server's image has to contain it.
  const packages = [
    ...named,
    ...(javaHome === undefined && !named.some(isJava) ? [javaPackage(leastJava)] : []),
    ...(home === `/usr/share/${TOMCAT}` ? [TOMCAT] : []),
  ];
  return { runtimePackages: [...new Set(packages)], healthPath: health.loadBalancer, healthStatus: health.status };
}

/** Who keeps the sessions of an application. */
export const sessionManagerOf = (tomcatApp: TomcatApp, strategy: string): NonNullable<TomcatApp['sessionManager']> =>
  tomcatApp.sessionManager ?? (strategy === 'redis' ? 'redisson' : strategy === 'tomcat-cluster' ? 'cluster' : 'memory');
