import type { Call } from './call.ts';

/** How far back a stale answer reaches: AWS gives no bound for eventual consistency; its services catch up within seconds. */
const REACH_MS = 5_000;

/** Reads that AWS answers from replicas. The records table is read consistently. */
const READS = /^(Describe|Get|List)/;

interface Given {
  readonly atMs: number;
  readonly output: object;
}

/** What reads were answered a moment ago, by their input. */
export class StaleAnswers {
  private readonly given = new Map<string, Given[]>();

  /**
   * Remembers an answer. @param nowMs since the epoch
   * @returns the oldest answer to the same input within reach, where it differs
   */
  replace(call: Call, output: object, nowMs: number): object | undefined {
    if (call.service === 'dynamodb' || !READS.test(call.operation)) return undefined;
    const key = `${call.service} ${call.operation} ${JSON.stringify(call.input)}`;
    const within = (this.given.get(key) ?? []).filter(({ atMs }) => nowMs - atMs <= REACH_MS);
    const oldest = within[0];
    this.given.set(key, [...within, { atMs: nowMs, output }]);
    return oldest !== undefined && JSON.stringify(oldest.output) !== JSON.stringify(output) ? oldest.output : undefined;
  }
}
