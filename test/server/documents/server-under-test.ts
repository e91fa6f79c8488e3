/** What the documents' tests need of a server: a machine of the local cloud, or a model of one. */
import type { InstallOutput, ObserveParameters, WaitIdleParameters } from '../../../functions/instance/document-contract.ts';

/** `exits`: its process ends at once. `down`: its readiness path never answers UP. */
export type ReleaseKind = 'counts' | 'noCounts' | 'exits' | 'down';

/** `launched`: with a placeholder. `existing`: without. `preparing`: its user data installs packages. `failed`: that has failed. */
export type ServerKind = 'launched' | 'existing' | 'preparing' | 'failed';

export interface InstallOptions {
  readonly fencingToken?: number;
  readonly sha256?: string;
  /** The archive is not there. */
  readonly missing?: boolean;
  readonly restarts?: boolean;
}

/** A script's one line, or what it wrote to its standard error. */
export interface ScriptOutcome {
  readonly line: unknown;
  readonly errorOutput: string;
}

export interface ServerUnderTest {
  /** Installs a release of this kind; version `none` removes it. */
  install(version: string, kind?: ReleaseKind, options?: InstallOptions): Promise<InstallOutput>;
  waitIdle(parameters: WaitIdleParameters): Promise<ScriptOutcome>;
  observe(parameters: ObserveParameters): Promise<ScriptOutcome>;
  /** Begins a user's request. @returns waits for its end */
  request(ms: number): () => Promise<void>;
  /** Ends the application's service, or the placeholder's. */
  stopService(): Promise<void>;
  /** The version that answers users; `none` of the placeholder. Undefined when nothing answers. */
  serving(): Promise<string | undefined>;
  /** The process that serves: the same value until it is another one. */
  process(): Promise<unknown>;
  links(): { readonly current: string; readonly previous: string; readonly fencingToken: number };
  /** Milliseconds of the server's clock. */
  now(): number;
}

export interface Fleet {
  launch(kind: ServerKind): Promise<ServerUnderTest>;
  /** Ends every server. */
  stop(): Promise<void>;
  /** Its servers wait in real time: each is tested while others wait. */
  readonly atOnce?: boolean;
  /** Whether each test is run; without it, one whose parts others show is not. @default true */
  readonly whole?: boolean;
}
