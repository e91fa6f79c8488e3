import { EventQueue, type QueuedEvent } from './event-queue.ts';
import { type Random, seededRandom } from './random.ts';
import { Timeline } from './timeline.ts';

/** Captured before a run replaces the timers. */
const { setImmediate: outsideOfMicrotasks } = globalThis;

/**
 * Lets every promise that is settled be followed up, at once: what Node itself does between two callbacks. A turn of its event
 * loop for each event would be a third of a run. Does nothing in a microtask.
 */
const followUpPromises = (process as unknown as { readonly _tickCallback: () => void })._tickCallback;

/** When every run begins: a fixed moment, so that a run does not depend on the day. */
export const EPOCH_MS = Date.parse('2030-01-01T00:00:00Z');

/** More events than any run that ends has: a loop without a wait is found by this. */
const MOST_EVENTS = 3_000_000;

/** Something that is to happen. */
export interface Scheduled {
  cancel(): void;
}

/**
 * Virtual time. Nothing happens between two events, and everything that an event starts without waiting happens at its moment.
 * The order of events of one moment, latencies and faults come from the seed.
 */
export class Kernel {
  readonly seed: number;
  readonly timeline: Timeline;
  private readonly queue = new EventQueue();
  private readonly tieBreaks: Random;
  private time = EPOCH_MS;
  private sequence = 0;
  private failure: unknown;

  constructor(seed: number, { keepTimeline = false }: { readonly keepTimeline?: boolean } = {}) {
    this.seed = seed;
    this.timeline = new Timeline(keepTimeline);
    this.tieBreaks = seededRandom(seed, 'order of events');
  }

  /** Milliseconds since the epoch, whole. */
  now(): number {
    return this.time;
  }

  random(stream: string): Random {
    return seededRandom(this.seed, stream);
  }

  /** Puts a line into the timeline. */
  note(kind: string, text: string): void {
    this.timeline.add({ atMs: this.time - EPOCH_MS, kind, text });
  }

  /** @param delayMs below 0 counts as 0 */
  after(delayMs: number, run: () => void): Scheduled {
    this.sequence += 1;
    const event: QueuedEvent = {
      atMs: this.time + Math.max(0, Math.round(delayMs)),
      tieBreak: this.tieBreaks.fraction(),
      sequence: this.sequence,
      run,
      cancelled: false,
    };
    this.queue.add(event);
    return {
      cancel() {
        event.cancelled = true;
      },
    };
  }

  /** Runs `run` now and then every `periodMs`, until cancelled. */
  every(periodMs: number, run: () => void, firstAfterMs = periodMs): Scheduled {
    let next = this.after(firstAfterMs, () => tick());
    const tick = () => {
      next = this.after(periodMs, tick);
      run();
    };
    return { cancel: () => next.cancel() };
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve));
  }

  /** Ends the run with this error: a model that lacks something, for example. The first one counts. */
  fail(error: unknown): void {
    this.failure ??= { error };
  }

  /**
   * Lets everything happen until `untilMs` (since the epoch), or until `isOver`, which is asked after each event.
   * @throws what {@link fail} was given
   */
  run(untilMs: number, isOver: () => boolean = () => false): Promise<void> {
    return new Promise((resolve, reject) => {
      outsideOfMicrotasks(() => {
        try {
          this.runEvents(untilMs, isOver);
          resolve();
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  private runEvents(untilMs: number, isOver: () => boolean): void {
    for (let events = 1; ; events += 1) {
      const event = this.queue.first();
      if (event === undefined || event.atMs > untilMs) break;
      this.queue.take();
      if (event.cancelled) continue;
      this.time = event.atMs;
      event.run();
      followUpPromises();
      if (this.failure !== undefined) throw (this.failure as { readonly error: unknown }).error;
      if (events > MOST_EVENTS) throw new Error(`more than ${MOST_EVENTS} events: something repeats without a wait`);
      if (isOver()) return;
    }
    this.time = Math.max(this.time, untilMs);
  }
}
