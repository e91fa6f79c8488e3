/** The SSM documents: their names, parameters and answers. */
import { cookieName, routeName, VARIABLE_NAME } from '../shared/app-contract.ts';
import * as z from '../shared/schema.ts';
import { unwrittenChanges } from '../shared/unwritten.ts';
import { version, words } from './server-words.ts';

/** The SSM documents' logical names; physical names come from naming.ts. Their parameters reach the scripts as SSM_<name>. */
export const DOCUMENTS = {
  waitIdle: 'wait-idle',
  install: 'install-release',
  observe: 'observe',
  accessLog: 'access-log',
  stageAssets: 'stage-assets',
} as const;

export type DocumentNames = Readonly<Record<Exclude<keyof typeof DOCUMENTS, 'accessLog' | 'stageAssets'>, string>> & {
  /** For functions that look at people. */
  readonly accessLog?: string | undefined;
  /** Absent of a deploy that an earlier Holdfast began. */
  readonly stageAssets?: string | undefined;
  /** The fleet's own, whose servers ran before Holdfast. */
  readonly prepare?: string | undefined;
};
/** Version numbers of the documents that one deploy, launch or termination runs, from its start to its end. */
export type DocumentVersions = DocumentNames;

/** Step of each document that prints the JSON line: GetCommandInvocation refuses a document of several without its name. */
export const DOCUMENT_STEPS: Readonly<Record<keyof typeof DOCUMENTS, string>> = {
  waitIdle: 'waitIdle',
  install: 'install',
  observe: 'observe',
  accessLog: 'readAccessLog',
  stageAssets: 'stageAssets',
};

/** Step of a fleet's own document, which prepares a machine that ran before Holdfast. */
export const PREPARE_STEP = 'prepare';
/** One JSON line on its standard output. */
export const prepareOutput = z.union([
  z.strictObject({ result: z.literal('prepared') }),
  z.strictObject({ result: z.literal('preparing'), phase: words }),
]);
/** What keeps a server from being prepared: the phase of user data that runs, or why it failed. */
export type PrepareOutput = z.infer<typeof prepareOutput> | { readonly result: 'failed'; readonly message: string };

/** `counts` of the application, `kernel`: its connections, `blind`: time passes. `auto`: the first of these that the server offers. */
export const DRAIN_SIGNALS = ['auto', 'counts', 'kernel', 'blind'] as const;
export type DrainSignal = (typeof DRAIN_SIGNALS)[number];

/** What becomes of WebSockets and endless streams: the deregistration delay `close`s them, or the drain has to `wait` for them. */
export const LONG_LIVED = ['close', 'wait'] as const;
export type LongLived = (typeof LONG_LIVED)[number];

/**
 * What a slice of wait-idle waits for: the end of `requests`, or of the `sessions` in the server's memory. With `sessions`, the slice ends
 * as soon as none is left; of the other parameters only the token and `sliceSeconds` count, and with 0 seconds it counts once.
 * `inFlight` waits for nothing: while the target still serves, the server remembers which connections have a request in flight.
 */
export const WATCHES = ['requests', 'sessions', 'inFlight'] as const;

/** Parameters of wait-idle: watches the server for at most `sliceSeconds`, ends early once idle. */
export interface WaitIdleParameters {
  readonly fencingToken: string;
  readonly sliceSeconds: string;
  /** The slice ends no sooner than this, idle or not. */
  readonly floorSeconds: string;
  readonly quietSeconds: string;
  /** Requests counter and quiet time at the end of the slice before, or `-1` and `0`. */
  readonly previousRequests: string;
  readonly previousQuietSeconds: string;
  readonly drainSignal: DrainSignal;
  /** Ports with a comma between them: those at which the load balancer knows the server. `0`: the server's own port. */
  readonly targetPorts: string;
  readonly longLived: LongLived;
  /** Milliseconds since the epoch: identifies the drain over its slices. */
  readonly drainStartedAtMs: string;
  /** @default requests */
  readonly watch?: (typeof WATCHES)[number];
  /** Sent for sessions alone: those that began this many seconds ago or earlier are waited for. @default 0 */
  readonly begunSeconds?: string;
}
/** How a listener rule knows a server's sessions, and how long one lasts; only where sessions are watched, or asked for. */
const knownSessions = {
  /** Name of the session cookie, by the release's contract or the server's own answer. */
  sessionCookie: z.optional(cookieName),
  /** The part of the cookie's value by which the server's own sessions are known. If it cannot be read, the reason is there instead. */
  sessionRoute: z.optional(routeName),
  /** Idle seconds after which the server ends a session; -1: never. Absent when the release does not state it. */
  sessionTimeoutSeconds: z.optional(z.number()),
  /** Sessions that are known by the id in URLs and by no cookie; absent for none. */
  sessionsInUrls: z.optional(z.number()),
};
/** One JSON line on wait-idle's standard output. */
export const waitIdleOutput = z.strictObject({
  signal: z.enum(['counts', 'kernel', 'blind', 'sessions']),
  /** No release is installed: the placeholder answers, and nothing can be lost. */
  placeholder: z.optional(z.literal(true)),
  inFlight: z.optional(z.number()),
  /** Requests counter; only with `counts`. */
  requests: z.optional(z.number()),
  /** In the server's memory; whatever the signal is. Absent when they cannot be counted, with the reason if the signal is `sessions`. */
  sessions: z.optional(z.number()),
  ...knownSessions,
  /** Since the last request, by the instance's own clock, carried over slices. */
  quietSeconds: z.number(),
  /** Connections of WebSockets and streams that do not end; only with `kernel`. */
  longLived: z.optional(z.number()),
  /** Connections whose last request and answer have the same time in the kernel, so that their order is unknown; only with `kernel`. */
  ties: z.optional(z.number()),
  /** By the kernel: in flight since before the last `inFlight`, and others. Absent without such a look, or where nothing shows it. */
  older: z.optional(z.number()),
  younger: z.optional(z.number()),
  /** Why no better signal was watched, in words; never a body. */
  reason: z.optional(words),
});
export type WaitIdleOutput = z.infer<typeof waitIdleOutput>;

/** What an attempt that failed shows of its server: a few bounded lines without secrets. Absent when nothing is known. */
const evidenceFields = {
  /** The service's state by systemd, its automatic restarts and its last exit code. */
  service: z.optional(words),
  /** The lines of its journal that explain the failure, since the attempt began: at most 10, in their order. */
  journal: z.optional(z.array(words)),
  /** The URL that was requested on the server, without values of a query. */
  asked: z.optional(words),
};
export type Evidence = z.infer<z.ZodMiniObject<typeof evidenceFields>>;

/** `restart`: stops and starts the release that is installed already, from its archive; of a deploy's token once. */
export const INSTALL_MODES = ['install', 'restart'] as const;
/**
 * Of a fleet of CodeDeploy bundles, where `restart` is an install once more. `restore`: a rollback; what the failed release's scripts made is
 * overwritten. `launch`: a new server; what its image brought is overwritten. `adopt`: what runs is taken for the release if its files are
 * equal, and with `adoptDifferences` also if they are not; no service is touched. An event: its scripts alone.
 * `end`: before the server terminates, the scripts of AfterBlockTraffic and ApplicationStop.
 */
export const BUNDLE_MODES = [
  ...INSTALL_MODES,
  'restore',
  'launch',
  'adopt',
  'adoptDifferences',
  'BeforeBlockTraffic',
  'BeforeAllowTraffic',
  'AfterAllowTraffic',
  'end',
] as const;
export type InstallMode = (typeof BUNDLE_MODES)[number];

/** What a failure of the scripts of BeforeBlockTraffic, AfterBlockTraffic and ApplicationStop does, which belong to the bundle before. */
export const STOP_FAILURES = ['fail', 'continue'] as const;

export interface InstallParameters {
  readonly fencingToken: string;
  /** NO_RELEASE stops the release and starts the placeholder; nothing is downloaded. */
  readonly version: string;
  /** `https://BUCKET.s3.REGION.amazonaws.com/KEY`: where aws:downloadContent fetches the archive. */
  readonly releaseUrl: string;
  /** Lower-case hex. */
  readonly sha256: string;
  /** @default install */
  readonly mode?: InstallMode;
  /** This and the next for a fleet of bundles alone. @default fail */
  readonly stopFailure?: (typeof STOP_FAILURES)[number];
  /** Seconds after which the agent ends the scripts' step. */
  readonly executionTimeout?: string;
  /** The recorded versions of the fleet's secrets and parameters, `NAME:VERSION` with commas. @default the current ones */
  readonly environment?: string;
}
/** Versions of what the variables of an application come from, by name, and of their list, `list`. */
const environmentVersions = z.record(z.matching(VARIABLE_NAME), z.matching(/^[A-Za-z0-9-]{1,64}$/));

const startedWith = {
  /** Version id of each secret and parameter that the release was started with, by variable; `list`: of the fleet's list of them. */
  environment: z.optional(environmentVersions),
  /** Why it did not start with the versions that were ordered: a clause without its subject. */
  environmentNote: z.optional(words),
};
/** One JSON line on install-release's standard output; a failure also exits non-zero. */
export const installOutput = z.discriminatedUnion('result', [
  z.strictObject({
    result: z.literal('installed'),
    version,
    previousVersion: version,
    /** What the previous release had been started with last. */
    environmentBefore: z.optional(environmentVersions),
    ...startedWith,
  }),
  z.strictObject({ result: z.literal('alreadyInstalled'), version, ...startedWith }),
  z.strictObject({
    result: z.literal('failed'),
    error: z.enum([
      'NotPrepared',
      'DownloadFailed',
      'ChecksumMismatch',
      'StaleFencingToken',
      'InvalidRelease',
      'UnsafeFolder',
      'ServiceDidNotStart',
      'HookFailed',
      'FilesDiffer',
    ]),
    message: words,
    /** What answers again after the failure: the previous release, restored, or the placeholder (NO_RELEASE). Absent when nothing serves. */
    serving: z.optional(version),
    /** Status code and first line of the answer that the load balancer's health path gave last, before the service ended. */
    lastAnswer: z.optional(words),
    ...evidenceFields,
  }),
]);
export type InstallOutput = z.infer<typeof installOutput>;

export interface StageAssetsParameters {
  readonly fencingToken: string;
  /** NO_RELEASE stages nothing. */
  readonly version: string;
  readonly releaseUrl: string;
  /** Lower-case hex. */
  readonly sha256: string;
  /** With commas, the most important first: assets of other versions are taken away. */
  readonly wanted: string;
}
/** One JSON line on stage-assets' standard output; a failure also exits non-zero. */
export const stageAssetsOutput = z.discriminatedUnion('result', [
  z.strictObject({
    result: z.literal('staged'),
    staged: z.array(version),
    /** Whether the release that runs answered with one of the new files; absent where there was none to ask for. */
    served: z.optional(z.boolean()),
    path: z.optional(words),
    answer: z.optional(words),
  }),
  z.strictObject({
    result: z.literal('failed'),
    error: z.enum(['DownloadFailed', 'ChecksumMismatch', 'StaleFencingToken', 'InvalidRelease']),
    message: words,
  }),
]);
export type StageAssetsOutput = z.infer<typeof stageAssetsOutput>;

/** Parameters of observe: it requests the readiness path up to `attempts` times and reads the counters; with 0 it waits for user data. */
export interface ObserveParameters {
  readonly attempts: string;
  /** Between two questions, after an answer that was not UP. */
  readonly intervalSeconds: string;
  /** Between two questions, after an UP. */
  readonly confirmSeconds: string;
  /** Also begins a session of nobody by `session.page`, and reads its cookie. */
  readonly cookie?: 'read';
  /** Sent by a dry run alone: also reads how a listener rule knows the server's sessions. */
  readonly sessions?: 'known';
  /** Also reads all that the fleet's list of variables names, whose parameter this is: the versions, and no value. */
  readonly environmentParameter?: string;
}
/** One JSON line on observe's standard output. */
export const observeOutput = z.strictObject({
  /** UP answers in a row at the end of the slice; at most `attempts`. */
  upInARow: z.number(),
  attempts: z.number(),
  /** Status code and `status` field of the last answer, or its error; without that field its first line, without secrets. */
  lastAnswer: words,
  ...evidenceFields,
  /** Version of the release that `current` names. */
  version,
  /** With 0 attempts: what user data is doing, if it has not ended. */
  preparing: z.optional(words),
  /** With 0 attempts: why user data failed, with the end of its log. */
  preparationFailed: z.optional(words),
  inFlight: z.optional(z.number()),
  requests: z.optional(z.number()),
  errors: z.optional(z.number()),
  sessions: z.optional(z.number()),
  /** With `sessions`: what wait-idle returns too. The reason: why one of them is absent. */
  ...knownSessions,
  sessionsReason: z.optional(words),
  /** With `environmentParameter`: the versions, and a sentence for each name that the server cannot read. */
  environment: z.optional(environmentVersions),
  unread: z.optional(z.array(words)),
  /** With `environmentParameter`: all names of the list. */
  variables: z.optional(z.array(z.matching(VARIABLE_NAME))),
  /** Absent for servers that compare no sessions with a store. */
  unwritten: z.optional(unwrittenChanges),
  /** The contract's `latencyMs` probe; without one the median answer time of the load balancer's health path. */
  latencyMs: z.optional(z.number()),
  /** With `cookie`. */
  cookieRead: z.optional(
    z.strictObject({
      /** The attributes of the cookie that the application sets. */
      cookie: z.optional(z.strictObject({ name: cookieName, secure: z.boolean(), httpOnly: z.boolean(), domain: z.optional(words) })),
      /** Of a release that counts sessions in the server's memory: whether the cookie's value has the server's own route. */
      routed: z.optional(z.boolean()),
      /** Why nothing was found out; no id, value or body. */
      reason: z.optional(words),
    }),
  ),
});
export type CookieRead = NonNullable<z.infer<typeof observeOutput>['cookieRead']>;
export type SessionCookie = NonNullable<CookieRead['cookie']>;
export type ObserveOutput = z.infer<typeof observeOutput>;
