/** Ctrl-C and other signals, as an AbortSignal that every step of a start listens to. */
import { constants } from 'node:os';
import { within } from '../processes/wait.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The user or the parent process sent a signal. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  /** 130 for SIGINT: 128 and the signal's number, as shells have it. */
  readonly exitCode: number;

  constructor(signal: (typeof SIGNALS)[number]) {
    super(`interrupted by ${signal}: everything that was started has been stopped`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

export interface Interruption {
  /** Aborts with an {@link Interrupted}. Later signals are ignored: npm forwards what the terminal has sent already. */
  readonly signal: AbortSignal;
  /** Restores the usual effect of the signals. */
  release(): void;
}

/** @param onFirst called at the first signal, before anything stops */
export function listenForInterruption(onFirst: () => void): Interruption {
  const controller = new AbortController();
  const listeners = SIGNALS.map((name) => {
    const listener = () => {
      if (controller.signal.aborted) return;
      controller.abort(new Interrupted(name));
      onFirst();
    };
    process.on(name, listener);
    return { name, listener };
  });
  return {
    signal: controller.signal,
    release: () => {
      for (const { name, listener } of listeners) process.off(name, listener);
    },
  };
}

/** A connection to a killed process is refused before its parent receives the exit event. */
const EXIT_EVENT_LAG_MS = 250;

/**
 * Settles as `work` does. After an abort it waits at most `graceMs` for `work`, which has the signal too, and rejects with
 * the signal's reason: a failure caused by the stop is not reported, even if it comes a moment before the abort.
 */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal, graceMs = 0): Promise<T> {
  const settled = work.then(
    () => 'done' as const,
    () => 'failed' as const,
  );
  const { promise: aborted, resolve } = Promise.withResolvers<void>();
  const onAbort = () => resolve();
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  const first = await Promise.race([settled, aborted]);
  if (first === 'failed') await within(aborted, EXIT_EVENT_LAG_MS);
  signal.removeEventListener('abort', onAbort);
  if (!signal.aborted) return work;
  await within(settled, graceMs);
  throw signal.reason;
}
