/** What the benchmark prints for each case, and what is expected of it. Pure. */

export interface DeployCase {
  readonly name: 'shell-script' | 'holdfast' | SeveralCase | ExampleCase;
  /** How long the load balancer keeps using the old targets after a change. */
  readonly lagSeconds: number;
  /** From the start until every server runs the release and its bake, or the script's pause after it, is over. */
  readonly untilEveryServerSeconds: number;
  /** From the start until the deploy has ended, all settings at their defaults: Holdfast also settles, the script does not. */
  readonly endedAtDefaultsSeconds: number;
  readonly requests: number;
  readonly failed: number;
  readonly sessionsLost: number;
  /** Holdfast only: everything but waiting and installing, from the choice of a target to the choice of the next. */
  readonly overheadSecondsPerTarget?: number;
  /** Holdfast only, once per deploy: before the first target is chosen and after the last is done, without the settle window. */
  readonly overheadSecondsOnce?: number;
  /** Holdfast only: states entered, which is what Step Functions bills. */
  readonly transitionsPerTarget?: number;
  /** Examples only: how each server was drained, in the order of the deploy. */
  readonly drains?: readonly Drain[];
}

/** An example in Java, one request in twenty of which lasts 10 s. */
export type ExampleCase = 'tomcat-redis' | 'spring-redis' | 'tomcat-no-counts';

/** Holdfast with the Node example, compared with itself. */
export type SeveralCase = 'one-at-a-time' | 'several-at-once';

export interface Drain {
  /** What the drain watched. */
  readonly signal: string;
  readonly seconds: number;
  /** The part of `seconds` in which only connections held it whose order of request and answer the kernel cannot show. */
  readonly tieSeconds: number;
}

/** Largest share of the script's time that Holdfast may take until every server runs the release, by lag. */
const MAX_RATIO: Readonly<Record<number, number>> = { 3: 0.7, 20: 1 };
/** The same of a fleet of four, two at once. */
const MAX_RATIO_OF_TWO: Readonly<Record<number, number>> = { 3: 0.4, 20: 0.6 };
/** A deploy of a quarter of the fleet at once can take at most this part of the time that one server at a time takes. */
const MAX_RATIO_OF_SEVERAL = 0.45;
/** The limit of the Node example. Cases with servers in Java print it only: these share the machine with the functions whose time it is. */
const MAX_OVERHEAD_SECONDS = 1.5;
/** With a lag above its drain the script stops servers that still receive requests. */
const SCRIPT_DRAIN_SECONDS = 30;

/** One sentence per expectation that was not met. */
export function unmetExpectations(cases: readonly DeployCase[], { severalAtOnce = false } = {}): readonly string[] {
  const ratio = ratioOf(cases);
  const unmet = cases.flatMap((one) => (one.name === 'shell-script' ? unmetByScript(one) : unmetByHoldfast(one, cases, severalAtOnce)));
  if (ratio === undefined || ratio <= MAX_RATIO_OF_SEVERAL) return unmet;
  return [...unmet, `several at once took ${ratio.toFixed(2)} of the time of one at a time; at most ${MAX_RATIO_OF_SEVERAL} is expected`];
}

/** The time of several at once as a share of that of one at a time; undefined where these are not the cases. */
export function ratioOf(cases: readonly DeployCase[]): number | undefined {
  const secondsOf = (name: SeveralCase) => cases.find((one) => one.name === name)?.untilEveryServerSeconds;
  const [one, several] = [secondsOf('one-at-a-time'), secondsOf('several-at-once')];
  return one === undefined || several === undefined ? undefined : several / one;
}

function unmetByHoldfast(one: DeployCase, cases: readonly DeployCase[], severalAtOnce: boolean): string[] {
  const { lagSeconds, failed, sessionsLost, overheadSecondsPerTarget } = one;
  const unmet: string[] = [];
  if (failed > 0 || sessionsLost > 0)
    unmet.push(`Holdfast failed ${failed} requests and lost ${sessionsLost} sessions at a lag of ${lagSeconds} s`);
  if (one.name === 'holdfast' && (overheadSecondsPerTarget ?? 0) > MAX_OVERHEAD_SECONDS) {
    unmet.push(
      `Holdfast's own overhead is ${overheadSecondsPerTarget?.toFixed(2)} s per target at a lag of ${lagSeconds} s; ${MAX_OVERHEAD_SECONDS} s are allowed`,
    );
  }
  const script = cases.find(({ name, lagSeconds: lag }) => name === 'shell-script' && lag === lagSeconds);
  for (const { signal } of one.drains ?? []) {
    const expected = one.name === 'tomcat-no-counts' ? 'kernel' : 'counts';
    if (signal !== expected) unmet.push(`a drain of ${one.name} at a lag of ${lagSeconds} s watched ${signal}; ${expected} is expected`);
  }
  const ratio = script && one.untilEveryServerSeconds / script.untilEveryServerSeconds;
  const maxRatio = (severalAtOnce ? MAX_RATIO_OF_TWO : MAX_RATIO)[lagSeconds];
  if (ratio !== undefined && maxRatio !== undefined && ratio > maxRatio) {
    unmet.push(`Holdfast took ${ratio.toFixed(2)} of the script's time at a lag of ${lagSeconds} s; at most ${maxRatio} is expected`);
  }
  return unmet;
}

function unmetByScript({ lagSeconds, failed, sessionsLost }: DeployCase): string[] {
  if (lagSeconds <= SCRIPT_DRAIN_SECONDS || failed + sessionsLost > 0) return [];
  return [`the script lost nothing at a lag of ${lagSeconds} s: the lag was not in force`];
}

export const describeCase = (one: DeployCase): string =>
  [
    `${one.name} at a lag of ${one.lagSeconds} s: ${one.untilEveryServerSeconds.toFixed(1)} s until every server runs the release`,
    `${one.endedAtDefaultsSeconds.toFixed(1)} s until the deploy has ended at default settings`,
    `${one.requests} requests`,
    `${one.failed} failed`,
    `${one.sessionsLost} sessions lost`,
    one.overheadSecondsPerTarget !== undefined && `overhead ${one.overheadSecondsPerTarget.toFixed(2)} s per target`,
    one.overheadSecondsOnce !== undefined && `and ${one.overheadSecondsOnce.toFixed(2)} s once`,
    one.drains && `drains ${one.drains.map(describeDrain).join(', ')}`,
    one.transitionsPerTarget !== undefined && `${one.transitionsPerTarget.toFixed(0)} transitions per target`,
  ]
    .filter(Boolean)
    .join(', ');

const describeDrain = ({ signal, seconds, tieSeconds }: Drain): string =>
  `${seconds.toFixed(1)} s by ${signal}${tieSeconds > 0 ? ` (${tieSeconds.toFixed(1)} s for ties)` : ''}`;
