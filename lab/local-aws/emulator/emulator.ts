/** What the local cloud needs from an emulator: every service that the gateway does not own, behind one endpoint. */
import type { ProcessLedger } from '../../processes/process-ledger.ts';
import type { EmulatorAccess } from './emulator-access.ts';

/** The emulators that can provide the services which are not the local cloud's own. */
export const EMULATORS = ['ministack', 'localstack'] as const;
export type EmulatorName = (typeof EMULATORS)[number];

/** An emulator that is running. */
export interface Emulator {
  /** `http://127.0.0.1:PORT`: where the gateway forwards to. */
  readonly url: string;
  /** Resolves when it answers with all seams open; rejects with a sentence when it ends first. */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

export interface EmulatorOptions {
  readonly ledger: ProcessLedger;
  readonly gatewayUrl: string;
  /** The emulator's address, its root's credentials, and the secret that requests to its port must have. */
  readonly access: EmulatorAccess;
  /** Everything that the emulator writes is in this folder. */
  readonly folder: string;
  /** The Node binary that functions run on. */
  readonly node: string;
  /** Marks the gateway's own PutEvents calls, which may have aws.* sources, and the emulator's requests to the gateway. */
  readonly eventToken: string;
  /** Time without an invocation after which the execution environment of a function ends. */
  readonly idleEnvironmentMs: number;
  /** Environments of all functions together that go on without an invocation; LocalStack has no such limit. @default 4 */
  readonly mostIdleEnvironments?: number;
  /** Variables that the local runtime adds to each function's environment. */
  readonly functionEnvironment: Readonly<Record<string, string>>;
}
