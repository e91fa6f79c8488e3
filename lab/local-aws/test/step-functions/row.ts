/** A row of the table: one behaviour of Step Functions that Holdfast relies on, and how it is shown. */
import type { Behaviour, Seen } from './behaviour.ts';
import type { Json } from './json.ts';
import type { Source } from './sources.ts';

/** States by name, the first of them first, and the machine's own fields. */
export interface Machine {
  readonly states: Readonly<Record<string, object>>;
  readonly timeoutSeconds?: number;
}

/** ARNs of a row's functions and of the machines before it, by their names in the row. */
export type Arns = Readonly<Record<string, string>>;

/** How an execution ended. */
export interface Ended {
  readonly status: string;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
  /** Parsed. */
  readonly output?: Json | undefined;
  readonly startedAtMs: number;
  readonly stoppedAtMs: number;
}

/** An interpreter of the language, with functions. Errors of Step Functions have its names. */
export interface StatesCloud {
  readonly name: string;
  makeFunction(name: string, behaviour: Behaviour): Promise<string>;
  /** @throws NotRun where the interpreter has not what the machine needs */
  makeMachine(name: string, machine: Machine): Promise<string>;
  start(machineArn: string, input: Json, name?: string): Promise<string>;
  stop(executionArn: string, error: string, cause: string): Promise<void>;
  ended(executionArn: string): Promise<Ended>;
  seenBy(functionArn: string): Promise<Seen>;
  sleep(seconds: number): Promise<void>;
}

/** A row that an interpreter cannot run; the message says why. */
export class NotRun extends Error {
  override readonly name = 'NotRun';
}

/** What a row's own steps have. */
export interface Run {
  readonly cloud: StatesCloud;
  readonly arns: Arns;
  readonly executionArn: string;
}

export interface Row {
  /** In kebab-case, once in the table. */
  readonly name: string;
  /** What Step Functions does, in one or two sentences. */
  readonly fact: string;
  readonly sources: readonly Source[];
  /** What of it AWS's pages leave open, and how it is known. */
  readonly notOnPages?: string;
  /** Items of the inventory that the row shows: the test checks that its machines have them. */
  readonly covers: readonly string[];
  /** Whose code relies on it, where the definitions do not show it. */
  readonly reliedOnBy?: string;
  readonly functions?: Readonly<Record<string, Behaviour>>;
  /** In the order of their creation; each gets the ARNs of those before. The last one runs. */
  readonly machines: Readonly<Record<string, (arns: Arns) => Machine>>;
  readonly input?: Json;
  /** @default of the execution */
  readonly executionName?: string;
  /** Runs while the execution does; its value is the argument of `observe`. */
  readonly during?: (run: Run) => Promise<Json>;
  /** @default {@link outcome} */
  readonly observe?: (ended: Ended, run: Run, during: Json) => Json | Promise<Json>;
  /** One of these is observed. More than one where AWS's own sources disagree, or AWS promises no more. */
  readonly must: readonly Json[];
  /** Why there is more than one, and why no definition depends on which. */
  readonly readings?: string;
  /** What the default emulator does in this row without Holdfast's extension, where that is something else. */
  readonly emulatorAlone?: string;
  /** Takes seconds: not in `npm test` on an emulator. */
  readonly slow?: boolean;
}

/** Status, and error or output: what most rows observe. */
export const outcome = ({ status, error, output }: Ended): Json => ({
  status,
  ...(status === 'SUCCEEDED' ? { output: output ?? null } : error !== undefined && { error }),
});

/** How far an interpreter may be behind a delay: it also enters states and starts processes. */
const MOST_LATE_SECONDS = 3;

/** `expected` where `seconds` is that, or somewhat later; else what it is. */
export const about = (seconds: number, expected: number): number =>
  seconds >= expected - 0.1 && seconds < expected + MOST_LATE_SECONDS ? expected : Math.round(seconds * 10) / 10;

/** Seconds between a function's calls, as `expected` where they are about that. */
export const pauses = ({ calledAtMs }: Seen, expected: readonly number[]): Json =>
  calledAtMs.slice(1).map((atMs, index) => about((atMs - (calledAtMs[index] as number)) / 1_000, expected[index] ?? -1));

export const secondsOf = ({ startedAtMs, stoppedAtMs }: Ended): number => (stoppedAtMs - startedAtMs) / 1_000;
