/** Lets something happen later. Given from outside, so that hours can pass in a simulation. */
export interface Scheduled {
  cancel(): void;
}

export type Schedule = (delayMs: number, run: () => void) => Scheduled;

/** Schedules in real time, and keeps no process alive. */
export const scheduleByTimer: Schedule = (delayMs, run) => {
  const timer = setTimeout(run, delayMs);
  timer.unref();
  return { cancel: () => clearTimeout(timer) };
};
