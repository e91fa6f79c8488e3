/** Ctrl-C and its like, as an AbortSignal that every step of a start listens to. */
import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The user, or whoever started us, wants an end. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  /** 130 for SIGINT: 128 and the signal's number, as shells have it. */
  readonly exitCode: number;

  constructor(signal: (typeof SIGNALS)[number]) {
    super(`interrupted by ${signal}: everything that was started has been ended`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

export interface Interruption {
  /** Aborts with an {@link Interrupted}. Later signals do nothing more: npm passes on what the terminal has sent already. */
  readonly signal: AbortSignal;
  /** Signals have their usual effect again. */
  release(): void;
}

/** @param onFirst called at the first signal, before anything ends */
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

/** A connection to a process that was killed is refused before its parent hears of the end. */
const NEWS_MS = 250;

/**
 * Settles as `work` does. After an abort it waits for `work`, which has been told as well, at most `graceMs`, and rejects
 * with the signal's reason: what fails because everything ends is no news, even where it fails a moment before the abort.
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
  if (first === 'failed') await within(NEWS_MS, aborted);
  signal.removeEventListener('abort', onAbort);
  if (!signal.aborted) return work;
  await within(graceMs, settled);
  throw signal.reason;
}

async function within(limitMs: number, event: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((done) => {
    timer = setTimeout(done, limitMs);
  });
  await Promise.race([event, limit]);
  clearTimeout(timer);
}
