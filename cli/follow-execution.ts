/** Follows an execution and the record that its work keeps. The only place that polls them. */

import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { explainError } from '../functions/deploy/explain-error.ts';
import { isTransient } from './aws-errors.ts';
import type { Cloud } from './cloud.ts';
import type { OpenCloud, Stores } from './open-stores.ts';

/** How often to poll, and for how long temporary errors in a row are tolerated: the execution runs whether it is polled or not. */
export interface Patience {
  readonly intervalMs: number;
  readonly bearMs: number;
}

/** AWS charges each poll and limits how many an account can make. In the local cloud times are shorter. */
const ON_AWS: Patience = { intervalMs: 2_000, bearMs: 120_000 };
const LOCALLY: Patience = { intervalMs: 500, bearMs: 0 };

/** How an execution ended, as DescribeExecution reports it. */
export interface ExecutionEnd {
  readonly status: string;
  readonly executionArn: string;
  readonly seconds: number;
  readonly error?: string;
  /** The failing step's own sentence. */
  readonly message?: string;
}

/** An execution that has ended, with the state that it ended in: JSON, absent for one that failed. */
export type EndedExecution = ExecutionEnd & { readonly output?: string };

/**
 * @param poll reads and shows the record; it returns undefined until there is nothing more to wait for. It runs after each
 *   DescribeExecution, so the record that it reads after the end is not older than the end
 * @param signal stops following, never the execution
 * @returns what `poll` returned; undefined when `signal` stopped it
 */
export async function followExecution<T>(
  { stepFunctions, local = true, patience = local ? LOCALLY : ON_AWS }: Following,
  executionArn: string,
  poll: (ended: EndedExecution | undefined) => Promise<T | undefined>,
  signal?: AbortSignal,
): Promise<T | undefined> {
  let ended: EndedExecution | undefined;
  let failingSinceMs: number | undefined;
  for (;;) {
    if (signal?.aborted) return undefined;
    try {
      ended ??= await describeEnd(stepFunctions, executionArn);
      const result = await poll(ended);
      if (result !== undefined) return result;
      failingSinceMs = undefined;
    } catch (error) {
      failingSinceMs ??= Date.now();
      if (!(error instanceof Error) || !isTransient(error) || Date.now() - failingSinceMs >= patience.bearMs) throw error;
    }
    await sleep(patience.intervalMs, undefined, { signal }).catch(() => {});
  }
}

/** The end of what was followed, or the exit code of the signal that ended only the following: 130 for Ctrl-C, as shells have it. */
export type Followed<T> = { readonly ended: T } | { readonly leftWith: number };

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Follows what runs in AWS, until it has ended or somebody no longer wants to wait: Ctrl-C, a cancelled job, a terminal that is closed. A
 * signal ends the following at once, also while an answer is awaited, and never what is followed.
 * @param follow returns undefined only when its signal stopped it
 */
export async function untilSignal<T>(follow: (signal: AbortSignal) => Promise<T | undefined>): Promise<Followed<T>> {
  const stop = new AbortController();
  const { promise: left, resolve } = Promise.withResolvers<Followed<T>>();
  const listeners = SIGNALS.map((name) => {
    const listener = () => {
      stop.abort();
      resolve({ leftWith: 128 + constants.signals[name] });
    };
    process.on(name, listener);
    return () => process.off(name, listener);
  });
  try {
    return await Promise.race([follow(stop.signal).then((ended) => (ended === undefined ? left : { ended })), left]);
  } finally {
    for (const remove of listeners) remove();
  }
}

type Following = Pick<OpenCloud, 'stepFunctions'> & Partial<Pick<Cloud, 'local'>> & { readonly patience?: Patience };

/** Undefined while it runs. */
async function describeEnd(stepFunctions: Stores['stepFunctions'], executionArn: string): Promise<EndedExecution | undefined> {
  const execution = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
  if (execution.status === 'RUNNING') return undefined;
  const { status = 'UNKNOWN', startDate, stopDate, output, error, cause } = execution;
  const seconds = startDate && stopDate ? (stopDate.getTime() - startDate.getTime()) / 1000 : 0;
  return { status, executionArn, seconds, ...(output !== undefined && { output }), ...unwrapError(error, cause) };
}

/** The innermost error: a child execution's error is inside its parent's cause, and a function's message inside JSON. */
export function unwrapError(error: string | undefined, cause: string | undefined): { error?: string; message?: string } {
  const { Error: name, Cause: message } = explainError({ Error: error ?? '', Cause: cause ?? '' });
  return { ...(name && { error: name }), ...(message && { message }) };
}
