import { build, type Histogram } from 'hdr-histogram-js';
import type { FailedRequest } from '#local-aws/elbv2/data-plane/failed-requests.ts';
import { attributeFailures, type FailedOutcome } from './attribute-failures.ts';
import {
  type Example,
  type Incidence,
  NO_WEB_SOCKETS,
  type PhaseReport,
  TRAFFIC_PHASES,
  type TrafficPhase,
  type TrafficReport,
  type WebSocketReport,
} from './contract.ts';
import type { Verdict } from './judge-answer.ts';

const EXAMPLES_PER_CLASS = 5;
/** Limits memory when a server puts a new name into every answer. */
const MAX_NAMES = 200;
/** Failed requests that are kept for their target and cause: about 2 MB. */
const MAX_FAILED = 10_000;

interface PhaseTally {
  requests: number;
  failed: number;
  readonly lostUsers: Set<string>;
  /** Microseconds, with two significant digits: a few kilobytes per phase. */
  readonly latency: Histogram;
}

interface Noted {
  count: number;
  readonly examples: Example[];
  readonly came: Record<string, { readonly count: number; readonly latest: Example }>;
}

/** One request that ended. */
export interface Outcome {
  readonly user: string;
  readonly path: string;
  readonly status?: number;
  readonly verdict: Verdict;
  /** Absent for logins and counts. */
  readonly hard?: 'long' | 'download';
  readonly traceId?: string;
  readonly latencyMs: number;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

/** Adds up what all users saw. */
export class Tally {
  #phase: TrafficPhase = 'before';
  readonly #users: number;
  readonly #startedAtMs: number;
  readonly #phases = Object.fromEntries(TRAFFIC_PHASES.map((phase) => [phase, newPhase()])) as Record<TrafficPhase, PhaseTally>;
  readonly #lostUsers = new Set<string>();
  readonly #hurtUsers = new Set<string>();
  readonly #failures = new Map<string, Noted>();
  readonly #losses = new Map<string, Noted>();
  readonly #perServer = new Map<string, number>();
  readonly #perVersion = new Map<string, number>();
  readonly #failed: FailedOutcome[] = [];
  readonly #hard = { long: { requests: 0, failed: 0 }, download: { requests: 0, failed: 0 } };

  constructor(users: number, startedAtMs: number) {
    this.#users = users;
    this.#startedAtMs = startedAtMs;
  }

  /** Later answers count for `phase`. */
  mark(phase: TrafficPhase): void {
    this.#phase = phase;
  }

  add(outcome: Outcome): void {
    const phase = this.#phases[this.#phase];
    const { verdict } = outcome;
    phase.requests += 1;
    // Long requests and downloads are slow on purpose: they are not part of the latency.
    if (outcome.hard === undefined) phase.latency.recordValue(Math.max(1, Math.round(outcome.latencyMs * 1000)));
    else {
      this.#hard[outcome.hard].requests += 1;
      if (verdict.verdict !== 'good') this.#hard[outcome.hard].failed += 1;
    }
    if (verdict.verdict === 'good') {
      if (verdict.server !== undefined) increment(this.#perServer, verdict.server);
      if (verdict.version !== undefined) increment(this.#perVersion, verdict.version);
      return;
    }
    this.#hurtUsers.add(outcome.user);
    if (verdict.verdict === 'failed') {
      phase.failed += 1;
      note(this.#failures, verdict.failure, outcome, verdict);
      const { failure, server, version } = verdict;
      if (this.#failed.length < MAX_FAILED) this.#failed.push({ phase: this.#phase, failure, traceId: outcome.traceId, server, version });
      return;
    }
    phase.lostUsers.add(outcome.user);
    this.#lostUsers.add(outcome.user);
    note(this.#losses, verdict.reason, outcome, verdict);
  }

  /**
   * @param sessions users who hold a session now
   * @param known the load balancer's record of failed requests
   * @param webSockets their counts, when there are any
   */
  report(sessions: number, nowMs: number, known: readonly FailedRequest[] = [], webSockets?: WebSocketReport): TrafficReport {
    const { long, download } = this.#hard;
    const hard = long.requests + download.requests > 0 || webSockets !== undefined;
    const phases = Object.values(this.#phases);
    return {
      users: this.#users,
      requests: phases.reduce((sum, phase) => sum + phase.requests, 0),
      failed: phases.reduce((sum, phase) => sum + phase.failed, 0),
      sessions,
      sessionsLost: this.#lostUsers.size,
      usersHurt: this.#hurtUsers.size,
      elapsedMs: Math.round(nowMs - this.#startedAtMs),
      phases: Object.fromEntries(TRAFFIC_PHASES.map((name) => [name, reportPhase(this.#phases[name])])) as Record<
        TrafficPhase,
        PhaseReport
      >,
      failures: Object.fromEntries(this.#failures) as Record<string, Incidence>,
      losses: Object.fromEntries(this.#losses) as Record<string, Incidence>,
      perServer: Object.fromEntries(this.#perServer),
      perVersion: Object.fromEntries(this.#perVersion),
      failedBy: attributeFailures(this.#failed, known),
      ...(hard && { hard: { long: { ...long }, download: { ...download }, webSockets: webSockets ?? NO_WEB_SOCKETS } }),
    };
  }
}

function newPhase(): PhaseTally {
  const latency = build({
    bitBucketSize: 32,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 600_000_000,
    numberOfSignificantValueDigits: 2,
  });
  return { requests: 0, failed: 0, lostUsers: new Set(), latency };
}

function reportPhase({ requests, failed, lostUsers, latency }: PhaseTally): PhaseReport {
  const percentileMs = (percentile: number) => (requests === 0 ? 0 : Math.round(latency.getValueAtPercentile(percentile) / 100) / 10);
  return { requests, failed, sessionsLost: lostUsers.size, p50Ms: percentileMs(50), p99Ms: percentileMs(99) };
}

function increment(counts: Map<string, number>, name: string): void {
  if (counts.has(name) || counts.size < MAX_NAMES) counts.set(name, (counts.get(name) ?? 0) + 1);
}

function note(
  incidences: Map<string, Noted>,
  name: string,
  { atMs, path, status }: Outcome,
  { detail, server }: { readonly detail?: string; readonly server?: string },
): void {
  const incidence = incidences.get(name) ?? { count: 0, examples: [], came: {} };
  incidences.set(name, incidence);
  incidence.count += 1;
  const latest = { atMs, path, status, detail, server };
  if (incidence.examples.length < EXAMPLES_PER_CLASS) incidence.examples.push(latest);
  const came = String(status ?? detail ?? 'no answer');
  incidence.came[came] = { count: (incidence.came[came]?.count ?? 0) + 1, latest };
}
