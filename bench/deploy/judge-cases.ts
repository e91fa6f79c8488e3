/** What the benchmark prints a case, and what is expected of it. */

export interface DeployCase {
  readonly name: 'seed-script' | 'holdfast';
  /** How long the load balancer goes on with the old targets after a change. */
  readonly lagSeconds: number;
  /** Without the settle window, which the script does not have. */
  readonly seconds: number;
  readonly requests: number;
  readonly failed: number;
  readonly sessionsLost: number;
  /** Holdfast's alone: all but waiting and installing, from the choice of a target to the choice of the next. */
  readonly overheadSecondsPerTarget?: number;
  /** Holdfast's alone, once a deploy: until the first target is chosen, and after the last is done. */
  readonly overheadSecondsOnce?: number;
  /** Holdfast's alone: states entered, which is what Step Functions bills. */
  readonly transitionsPerTarget?: number;
}

/** Most of the script's time that Holdfast may take, by lag. */
const MOST_OF_THE_SCRIPT: Readonly<Record<number, number>> = { 3: 0.75, 20: 1 };
const MOST_OVERHEAD_SECONDS = 1.5;
/** The script waits 30 s; a lag beyond that has it stop a server that is still asked. */
const SCRIPT_WAITS_SECONDS = 30;

/** One sentence for each expectation that was not met. */
export function disappointments(cases: readonly DeployCase[]): readonly string[] {
  return cases.flatMap((one) => (one.name === 'holdfast' ? ofHoldfast(one, cases) : ofTheScript(one)));
}

function ofHoldfast(one: DeployCase, cases: readonly DeployCase[]): string[] {
  const { lagSeconds, seconds, failed, sessionsLost, overheadSecondsPerTarget } = one;
  const found: string[] = [];
  if (failed > 0 || sessionsLost > 0)
    found.push(`Holdfast failed ${failed} requests and lost ${sessionsLost} sessions at a lag of ${lagSeconds} s`);
  if ((overheadSecondsPerTarget ?? 0) > MOST_OVERHEAD_SECONDS) {
    found.push(
      `Holdfast's own overhead is ${overheadSecondsPerTarget?.toFixed(2)} s a target at a lag of ${lagSeconds} s; ${MOST_OVERHEAD_SECONDS} s are allowed`,
    );
  }
  const most = MOST_OF_THE_SCRIPT[lagSeconds];
  const script = cases.find(({ name, lagSeconds: lag }) => name === 'seed-script' && lag === lagSeconds);
  if (most !== undefined && script && seconds > most * script.seconds) {
    found.push(
      `Holdfast took ${(seconds / script.seconds).toFixed(2)} of the script's time at a lag of ${lagSeconds} s; ${most} is expected`,
    );
  }
  return found;
}

function ofTheScript({ lagSeconds, failed, sessionsLost }: DeployCase): string[] {
  if (lagSeconds <= SCRIPT_WAITS_SECONDS || failed + sessionsLost > 0) return [];
  return [`the script lost nothing at a lag of ${lagSeconds} s: the lag was not in force`];
}

export const describeCase = (one: DeployCase): string =>
  [
    `${one.name} at a lag of ${one.lagSeconds} s: ${one.seconds.toFixed(1)} s, ${one.requests} requests, ${one.failed} failed, ${one.sessionsLost} sessions lost`,
    one.overheadSecondsPerTarget !== undefined && `overhead ${one.overheadSecondsPerTarget.toFixed(2)} s a target`,
    one.overheadSecondsOnce !== undefined && `and ${one.overheadSecondsOnce.toFixed(2)} s once`,
    one.transitionsPerTarget !== undefined && `${one.transitionsPerTarget.toFixed(0)} transitions a target`,
  ]
    .filter(Boolean)
    .join(', ');
