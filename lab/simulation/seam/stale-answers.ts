import type { Call } from './call.ts';

/** How far back a stale answer reaches: AWS gives no bound for eventual consistency; its services catch up within seconds. */
const REACH_MS = 5_000;

/** Reads that AWS answers from replicas. The records table is read consistently. */
const READS = /^(Describe|Get|List)/;

interface Given {
  readonly atMs: number;
  readonly input: unknown;
  readonly output: object;
}

/** What reads were answered a moment ago. */
export class StaleAnswers {
  /** By operation: no two services have one of the same name. */
  private readonly given = new Map<string, Given[]>();

  /** Remembers an answer. @param nowMs since the epoch */
  add({ service, operation, input }: Call, output: object, nowMs: number): void {
    if (service === 'dynamodb' || !READS.test(operation)) return;
    const known = this.given.get(operation);
    const all = known ?? [];
    if (known === undefined) this.given.set(operation, all);
    while (all[0] !== undefined && nowMs - all[0].atMs > REACH_MS) all.shift();
    all.push({ atMs: nowMs, input, output });
  }

  /** The oldest answer to the same input within reach of the newest one, where it differs from that. */
  find({ operation, input }: Call): object | undefined {
    const asked = JSON.stringify(input);
    const same = (this.given.get(operation) ?? []).filter((one) => JSON.stringify(one.input) === asked);
    const [oldest, newest] = [same[0]?.output, same.at(-1)?.output];
    return JSON.stringify(oldest) === JSON.stringify(newest) ? undefined : oldest;
  }
}
