/** Counts by the minute, as CloudWatch has them of a load balancer. */
const MINUTE_MS = 60_000;

export class Metrics {
  private readonly minutes = new Map<string, Map<number, number>>();

  add(name: string, atMs: number, count = 1): void {
    const minute = Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
    const counts = this.minutes.get(name) ?? new Map<number, number>();
    this.minutes.set(name, counts.set(minute, (counts.get(minute) ?? 0) + count));
  }

  /** Minutes with data, oldest first. */
  read(name: string, fromMs: number, toMs: number): readonly (readonly [number, number])[] {
    return [...(this.minutes.get(name) ?? [])].filter(([at]) => at >= fromMs && at < toMs).sort(([a], [b]) => a - b);
  }
}
