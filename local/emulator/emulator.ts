/** What the local cloud asks of an emulator: everything that is not Holdfast's own, behind one endpoint. */

/** An emulator that is running. */
export interface Emulator {
  /** `http://127.0.0.1:PORT`: where the gateway forwards to. */
  readonly url: string;
  /** Resolves when it answers and its seams were found; rejects with a sentence when it ends first. */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

export interface EmulatorOptions {
  readonly gatewayUrl: string;
  readonly port: number;
  readonly region: string;
  /** Everything that the emulator writes lies here. */
  readonly folder: string;
  /** The Node binary that functions run on. */
  readonly node: string;
  /** Marks the gateway's own PutEvents calls, which may carry aws.* sources, and what the emulator tells the gateway of sessions. */
  readonly eventToken: string;
  /** What the local runtime adds to each function's environment, and nothing else does. */
  readonly functionEnvironment: Readonly<Record<string, string>>;
}
