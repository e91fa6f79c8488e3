import { createHash } from 'node:crypto';

/** One thing that happened, for people and for the comparison of two runs. */
export interface TimelineEntry {
  /** Since the run's beginning. */
  readonly atMs: number;
  /** `call`, `state`, `fault`, `target`, `log`, `user`, … */
  readonly kind: string;
  /** One line, without the time. */
  readonly text: string;
}

const MOST_PENDING = 65_536;

/** Everything that a run did, in order. Kept whole only where somebody reads it; the digest is of all of it. */
export class Timeline {
  readonly entries: TimelineEntry[] = [];
  private readonly digest = createHash('sha256');
  /** Lines that the digest does not have yet: it takes many at once faster. */
  private pending = '';
  private readonly keeps: boolean;

  constructor(keeps: boolean) {
    this.keeps = keeps;
  }

  add(entry: TimelineEntry): void {
    this.pending += `${entry.atMs} ${entry.kind} ${entry.text}\n`;
    if (this.pending.length > MOST_PENDING) this.flush();
    if (this.keeps) this.entries.push(entry);
  }

  /** Two runs of one seed have the same hash. */
  hash(): string {
    this.flush();
    return this.digest.copy().digest('hex').slice(0, 16);
  }
  private flush(): void {
    this.digest.update(this.pending);
    this.pending = '';
  }
}
