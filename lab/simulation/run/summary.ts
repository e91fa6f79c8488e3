import { createHash } from 'node:crypto';
import { addCounts, addCoverage, type Counts, type Coverage, noCoverage, type Reachable, sorted } from '../coverage/coverage.ts';
import { RARE_STATES } from '../coverage/rare-facts.ts';
import { UNREACHABLE } from '../coverage/unreachable.ts';
import { PREDICATES, type Violation } from '../predicates/predicate.ts';
import type { SeedResult } from './seed-result.ts';

/** From this many seeds on, everything that can be reached has to be: the rarest is reached about once in 10,000. */
const ENOUGH_SEEDS = 50_000;
/** Violations that are shown one by one. */
const MOST_SHOWN = 20;

const EVERY_FACT = Object.values(RARE_STATES);

/** Sums up the runs of many seeds. */
export class Summary {
  private readonly coverage: Coverage = noCoverage();
  private readonly faults: Counts = {};
  private readonly endings: Counts = {};
  private readonly kinds: Counts = {};
  private readonly violations: (Violation & { readonly seed: number })[] = [];
  private readonly hashes = new Map<number, string>();

  add(result: SeedResult): void {
    this.hashes.set(result.seed, result.hash);
    addCoverage(this.coverage, result.coverage);
    addCounts(this.faults, result.faults);
    addCounts(this.endings, Object.fromEntries(result.endings.map((ending) => [ending, 1])));
    addCounts(this.kinds, { [result.kind]: 1 });
    this.violations.push(...result.violations.map((violation) => ({ ...violation, seed: result.seed })));
  }

  get violated(): number {
    return this.violations.length;
  }

  private get seeds(): number {
    return this.hashes.size;
  }

  /** One hash over the timelines of all seeds, whatever the order in which they were ready: a change that leaves it as it is changes no run. */
  private get timelines(): string {
    const inOrder = [...this.hashes].sort(([a], [b]) => a - b);
    return createHash('sha256').update(JSON.stringify(inOrder)).digest('hex');
  }

  /** States and Catches that no run has reached and that are not named with a reason; empty where there were too few runs. */
  missing({ states, catches }: Reachable): string[] {
    if (this.seeds < ENOUGH_SEEDS) return [];
    const left = (kind: 'state' | 'catch', names: readonly string[], reached: Counts) =>
      names.filter((name) => !reached[name] && UNREACHABLE[`${kind} ${name}`] === undefined).map((name) => `${kind} ${name}`);
    return [...left('state', states, this.coverage.states), ...left('catch', catches, this.coverage.catches)].sort();
  }

  json(seconds: number, reachable: Reachable): object {
    return {
      seeds: this.seeds,
      timelines: this.timelines,
      violations: this.violations.length,
      coverage: {
        states: sorted(withZeros(reachable.states, this.coverage.states)),
        catches: sorted(withZeros(reachable.catches, this.coverage.catches)),
        sometimes: sorted(withZeros(EVERY_FACT, this.coverage.sometimes)),
        branches: sorted(withZeros(reachable.branches, this.coverage.branches)),
        errors: sorted(this.coverage.errors),
        stops: sorted(this.coverage.stops),
        faultPhases: sorted(this.coverage.faultPhases),
      },
      unreached: Object.fromEntries(Object.entries(UNREACHABLE).filter(([name]) => !this.reaches(name))),
      missing: this.missing(reachable),
      faults: sorted(this.faults),
      endings: sorted(this.endings),
      kinds: sorted(this.kinds),
      broken: this.violations.slice(0, MOST_SHOWN).map(({ seed, predicate, atMs, text }) => ({ seed, predicate, atMs, text })),
      seconds,
    };
  }

  text(seconds: number, reachable: Reachable, replay: (seed: number) => string): string {
    const reached = (names: readonly string[], counts: Counts) => `${names.filter((name) => counts[name]).length} of ${names.length}`;
    const shown = this.violations
      .slice(0, MOST_SHOWN)
      .flatMap(({ seed, predicate, atMs, text }) => [
        `✗ seed ${seed}, ${(atMs / 1000).toFixed(1)} s: ${predicate} (${PREDICATES[predicate]})`,
        `    ${text}`,
        `    ${replay(seed)}`,
      ]);
    const missing = this.missing(reachable);
    return [
      ...shown,
      ...(this.violations.length > MOST_SHOWN ? [`… and ${this.violations.length - MOST_SHOWN} more`] : []),
      ...missing.map((name) => `✗ never reached, and not named in lab/simulation/coverage/unreachable.ts: ${name}`),
      `${this.seeds} seeds, ${this.violations.length} violations, ${seconds} s`,
      `states ${reached(reachable.states, this.coverage.states)}, Catches ${reached(reachable.catches, this.coverage.catches)}, ${Object.keys(this.faults).length} kinds of faults took effect`,
      ...listed('sometimes', this.coverage.sometimes),
      ...listed('faults', this.faults),
      ...listed('endings', this.endings),
      '',
    ].join('\n');
  }

  private reaches(name: string): boolean {
    const [kind = '', ...rest] = name.split(' ');
    return Boolean((kind === 'state' ? this.coverage.states : this.coverage.catches)[rest.join(' ')]);
  }
}

const withZeros = (names: readonly string[], counts: Counts): Counts => ({
  ...Object.fromEntries(names.map((name) => [name, 0])),
  ...counts,
});

const listed = (title: string, counts: Counts): string[] =>
  Object.keys(counts).length === 0
    ? []
    : [
        `${title}: ${Object.entries(sorted(counts))
          .map(([name, times]) => `${name} ${times}`)
          .join(', ')}`,
      ];
