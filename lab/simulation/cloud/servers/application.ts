/** A process that serves on a machine's port: a release, or the placeholder. */
import type { PeopleKind } from '../../../../functions/people/contract.ts';
import type { Kernel, Scheduled } from '../../kernel/kernel.ts';
import type { Random } from '../../kernel/random.ts';
import type { RequestEnd, SessionStore, UserRequest } from '../contracts.ts';
import type { Behaviour } from '../releases.ts';
import type { AccessLog } from './access-log.ts';
import type { SessionMemory } from './session-memory.ts';

type Answered = Extract<RequestEnd, { kind: 'answered' }>;
/** Of the page; its parts are missing apart from it. */
const STATUS_OF: Partial<Record<PeopleKind, number>> = { turnedAway: 302, refused: 403, serverErrors: 500 };
/** The load balancer's idle time-out: a request without an answer is a 504 then. */
const IDLE_TIMEOUT_MS = 60_000;

/** What the health and readiness paths answer, and after which time. */
export interface ProbeAnswer {
  readonly healthStatus: number;
  readonly isReady: boolean;
  readonly afterMs: number;
}

interface Counts {
  readonly inFlight: number;
  readonly requests: number;
  readonly errors: number;
}

interface Held {
  readonly request: UserRequest;
  readonly timeout: Scheduled;
  /** Absent while nothing answers. */
  work: Scheduled | undefined;
}

interface ApplicationOptions {
  readonly kernel: Kernel;
  readonly random: Random;
  readonly store: SessionStore;
  /** The same, where it is in this process. */
  readonly memory?: SessionMemory;
  /** `none` for the placeholder. */
  readonly version: string;
  readonly behaviour: Behaviour;
  readonly log: AccessLog;
  /** It listens already. */
  readonly warm: boolean;
  /** Called when the process ends by itself. */
  readonly exited: () => void;
}

export class Application {
  readonly version: string;
  readonly behaviour: Behaviour;
  readonly memory: SessionMemory | undefined;
  private requests = 0;
  private errors = 0;
  private readonly options: ApplicationOptions;
  private readonly held = new Set<Held>();
  private readonly listensAtMs: number;
  /** When the last request came. */
  lastRequestAtMs = Number.NEGATIVE_INFINITY;
  private firstRequestAtMs: number | undefined;
  private ended = false;
  /** True while it accepts connections and answers none. */
  isFrozen = false;

  /** Starts the process. */
  constructor(options: ApplicationOptions) {
    this.options = options;
    const { kernel, random, version, behaviour, warm, exited } = options;
    this.version = version;
    this.behaviour = behaviour;
    this.memory = options.memory;
    const startMs = behaviour.start === 'listens' ? random.whole(...behaviour.startMs) : Number.POSITIVE_INFINITY;
    this.listensAtMs = kernel.now() + (warm ? 0 : startMs);
    if (behaviour.start === 'exits') {
      kernel.after(random.whole(50, 900), () => {
        if (!this.ended) exited();
      });
    }
  }

  get isListening(): boolean {
    return !this.ended && this.options.kernel.now() >= this.listensAtMs;
  }

  get isPlaceholder(): boolean {
    return this.version === 'none';
  }

  get counts(): Counts {
    return { inFlight: this.held.size, requests: this.requests, errors: this.errors };
  }

  /** Answers of the health and readiness paths; the process listens and is not frozen. */
  probe(): ProbeAnswer {
    const { healthStatus, isReady, probeMs } = this.behaviour;
    return { healthStatus, isReady, afterMs: this.options.random.whole(...probeMs) };
  }

  serve(request: UserRequest): void {
    if (!this.isListening) {
      request.ended({ kind: 'broken' });
      return;
    }
    const { kernel } = this.options;
    this.requests += 1;
    this.firstRequestAtMs ??= kernel.now();
    this.lastRequestAtMs = kernel.now();
    const held: Held = { request, work: undefined, timeout: kernel.after(IDLE_TIMEOUT_MS, () => this.end(held, { kind: 'silent' })) };
    this.held.add(held);
    if (!this.isFrozen) this.work(held);
  }

  /** It accepts and does not answer, until {@link thaw}. */
  freeze(): void {
    this.isFrozen = true;
    for (const held of this.held) held.work?.cancel();
  }

  thaw(): void {
    this.isFrozen = false;
    for (const held of this.held) this.work(held);
  }

  /** The process is gone, and with it what it was answering. @param how `silent`: nobody resets the connections */
  stop(how: 'broken' | 'silent' = 'broken'): void {
    this.ended = true;
    for (const held of [...this.held]) {
      held.work?.cancel();
      if (how === 'broken') this.end(held, { kind: 'broken' });
    }
  }

  private work(held: Held): void {
    held.work = this.options.kernel.after(held.request.durationMs, () => this.answer(held));
  }

  private answer(held: Held): void {
    this.end(held, this.isPlaceholder ? { kind: 'answered', status: 503, version: this.version } : this.respond(held.request));
  }

  private respond(request: UserRequest): RequestEnd {
    const end = this.meet(request) ?? this.count(request);
    this.options.log.add(this.options.kernel.now(), request.sessionId, end);
    return end;
  }

  /** What a user meets whom something turns away, or whose page breaks; the session itself is as it was. */
  private meet({ turnedAway }: UserRequest): Answered | undefined {
    const met = turnedAway ? 'turnedAway' : this.behaviour.hurts;
    return met && { kind: 'answered', status: STATUS_OF[met] ?? 200, version: this.version, met };
  }

  private count({ sessionId, logsOut }: UserRequest): Answered {
    const { version } = this;
    const counter = this.fails() ? undefined : this.options.store.raise(sessionId);
    if (counter !== undefined && logsOut) this.options.store.end?.(sessionId);
    if (counter !== undefined) return { kind: 'answered', status: 200, version, counter };
    this.errors += 1;
    return { kind: 'answered', status: 500, version };
  }

  /** Whether the release answers this request with an error of its own. */
  private fails(): boolean {
    const { errorShare, errorsAfterMs } = this.behaviour;
    const { kernel, random } = this.options;
    return errorShare > 0 && kernel.now() - (this.firstRequestAtMs ?? 0) >= errorsAfterMs && random.chance(errorShare);
  }

  private end(held: Held, end: RequestEnd): void {
    if (!this.held.delete(held)) return;
    held.timeout.cancel();
    held.work?.cancel();
    held.request.ended(end);
  }
}
