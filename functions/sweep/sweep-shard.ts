import type { Redis } from 'ioredis';
import type { Checkpoint, ShardReply, SweepContext } from './contract.ts';
import { NotAPrimary, StoreUnreachable, SweepInProgress, SweepLeaseLost } from './errors.ts';
import { type Classify, createClassify } from './keys/classify-key.ts';
import type { HashId } from './keys/hash-id.ts';
import { reconcileIndex } from './keys/reconcile-index.ts';
import { handlePage, type PageWork, weigh } from './pages/handle-page.ts';
import { mergeHistograms } from './pages/latency-histogram.ts';
import { createPacer, limitsFor } from './pages/pace.ts';
import { isFull, joinPages, readPages } from './pages/read-pages.ts';
import { addPage, EMPTY_TALLY, largeFrom, startAgain, type Tally } from './report/tally.ts';
import { weighsAll } from './settings.ts';
import { ONLY_SHARD } from './store/shards.ts';
import { openLink, StoreInterrupted, type StoreLink } from './store/store-link.ts';
import type { Page } from './store/sweep-store.ts';
import type { SweepRecords } from './sweep-records.ts';

export interface ShardPorts {
  /** Opens a connection to the shard's primary. */
  readonly connect: () => Promise<Redis>;
  /** The store in messages: host and port. */
  readonly storeName: string;
  readonly records: Pick<SweepRecords, 'takeShard' | 'saveCheckpoint'>;
  readonly hashId: HashId;
  /** Wall clock, milliseconds since the epoch, for leases and lives. Durations use a monotonic clock. */
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<unknown>;
}

/** Time between two checkpoints: the maximum work that a crash repeats. */
const SAVE_EVERY_MS = 10_000;
/** Exceeds the function's limit of 60 s and the wait for the next invocation. */
const LEASE_MS = 120_000;
/** With waits of 5 s and connection attempts of 3 s and more: three minutes, longer than a failover takes. */
const MAX_FAILED_INVOCATIONS = 20;
/** For a store that has not answered yet: its address is more likely to be wrong. */
const MAX_FAILED_INVOCATIONS_BEFORE_FIRST_ANSWER = 6;
/** Maximum number of index sets that one invocation searches for dead members. */
const MAX_INDEXES = 10_000;

const fresh = (sweepId: string): Checkpoint => ({
  sweepId,
  runId: '',
  cursor: '0',
  tally: EMPTY_TALLY,
  busyMs: 0,
  answers: [],
  method: 'script',
  restarts: 0,
  failedInvocations: 0,
  isDone: false,
});

/**
 * Sweeps one shard's keys from the last checkpoint, for at most `budgetMs`.
 * @throws SweepInProgress, SweepLeaseLost, StoreUnreachable, NotAPrimary
 */
export async function sweepShard(ports: ShardPorts, sweep: SweepContext, shard: string, budgetMs: number): Promise<ShardReply> {
  const startedMs = performance.now();
  const taken = await ports.records.takeShard(shard, sweep.sweepId, ports.now(), ports.now() + LEASE_MS);
  if (!taken.taken) throw new SweepInProgress(shard, taken.holder, taken.expiresAtMs);
  // The shard is complete: the reply to its last invocation was lost.
  if (taken.checkpoint?.isDone) return { verdict: 'DONE', keys: taken.checkpoint.tally.keys };
  const run = new ShardRun(ports, sweep, shard, taken.checkpoint ?? fresh(sweep.sweepId), startedMs + budgetMs);
  return run.go();
}

/** One invocation's part of a sweep. */
class ShardRun {
  private readonly ports: ShardPorts;
  private readonly sweep: SweepContext;
  private readonly shard: string;
  private readonly endsAtMs: number;
  private checkpoint: Checkpoint;
  private readonly answers: number[] = [];
  private readonly indexes: Buffer[] = [];
  private readonly classify: Classify;
  private savedAtMs = performance.now();
  /** Until here `busyMs` is counted. */
  private countedMs = performance.now();

  constructor(ports: ShardPorts, sweep: SweepContext, shard: string, checkpoint: Checkpoint, endsAtMs: number) {
    this.ports = ports;
    this.sweep = sweep;
    this.shard = shard;
    this.checkpoint = checkpoint;
    this.endsAtMs = endsAtMs;
    this.classify = createClassify(sweep.settings);
  }

  async go(): Promise<ShardReply> {
    const before = this.checkpoint;
    let link: StoreLink | undefined;
    try {
      link = await openLink(this.ports.connect, this.ports.storeName, this.answers);
      this.startOn(link);
      const verdict = await this.pages(link);
      await this.reconcile(link);
      if (verdict === 'DONE') await link.run(link.probeOnce);
      await this.save({ failedInvocations: 0, isDone: verdict === 'DONE' });
      return { verdict, keys: this.checkpoint.tally.keys };
    } catch (error) {
      if (!(error instanceof StoreInterrupted)) throw error;
      return await this.afterInterruption(error, this.checkpoint.cursor !== before.cursor);
    } finally {
      link?.close();
    }
  }

  /** Cursors are valid for one run of one node: on any other the sweep starts at the first page. */
  private startOn({ identity: { runId, role, clustered }, store }: StoreLink): void {
    const { checkpoint } = this;
    if (clustered && this.shard === ONLY_SHARD)
      throw new StoreUnreachable(
        `${this.ports.storeName} is a cluster, but did not return its shards when the sweep started. No key was changed. Start the sweep again`,
      );
    if (role !== 'master') {
      const message = `${this.ports.storeName} is a replica, which does not accept writes. No key was changed. Set store.existing.host to the primary endpoint`;
      // During a failover the endpoint can still point to the former primary.
      if (checkpoint.runId === '') throw new NotAPrimary(message);
      throw new StoreInterrupted(message);
    }
    if (checkpoint.runId === runId) return;
    const isFirst = checkpoint.runId === '';
    this.checkpoint = {
      ...checkpoint,
      runId,
      cursor: '0',
      method: store.method,
      tally: isFirst ? checkpoint.tally : startAgain(checkpoint.tally),
      restarts: checkpoint.restarts + Number(!isFirst),
    };
  }

  private async pages(link: StoreLink): Promise<'DONE' | 'REPEAT'> {
    const { settings } = this.sweep;
    const { sampleEvery } = settings;
    const { pause } = this.ports;
    const pacer = createPacer(limitsFor(settings.pace, link.idle), link.idle);
    const read = async (cursor: string, keys: number): Promise<Page> => {
      const startedMs = performance.now();
      const largeFromBytes = weighsAll(settings) ? largeFrom(this.checkpoint.tally) : 0;
      const request = { cursor, count: pacer.pace.count, sampleEvery, sinceSample: keys % sampleEvery, largeFromBytes };
      const page = await link.run(() => link.store.page(request));
      pacer.observe(performance.now() - startedMs, page.busyMs);
      return page;
    };
    const source = { read, pauseMs: () => pacer.pace.pauseMs, pause, isOver: () => this.isOver() };
    let batch: Page | undefined;
    let handling = Promise.resolve();
    this.countedMs = performance.now();
    try {
      for await (const { page, verdict } of readPages(source, this.checkpoint.cursor, this.checkpoint.tally.keys)) {
        batch = joinPages(batch, page);
        const isSaveDue = performance.now() - this.savedAtMs >= SAVE_EVERY_MS;
        if (verdict || isSaveDue || isFull(batch)) {
          // Reads go on while a batch is handled. Batches are handled one after the other, so that each cursor is saved with its keys.
          await handling;
          handling = this.handle(link, batch);
          handling.catch(() => undefined); // awaited in its turn
          batch = undefined;
        }
        if (verdict || isSaveDue) await handling;
        if (verdict) return verdict;
        if (isSaveDue) await this.checkPrimary(link);
      }
      return 'DONE';
    } finally {
      // The checkpoint includes this batch's repairs even if later pages fail.
      await handling.catch(() => undefined);
    }
  }

  private async handle(link: StoreLink, page: Page): Promise<void> {
    const { ports, sweep, checkpoint } = this;
    const work: PageWork = {
      store: link.store,
      classify: this.classify,
      hashId: ports.hashId,
      settings: sweep.settings,
      dryRun: sweep.dryRun,
      deletesLeft: sweep.settings.maxDeletes - deletedOf(checkpoint.tally),
      nowMs: ports.now(),
    };
    const handled = page.persistentKeys.length === 0 ? [] : await link.run(() => handlePage(page, work));
    if (sweep.settings.reconcile && this.indexes.length < MAX_INDEXES) {
      this.indexes.push(...page.persistentKeys.filter(({ type }) => type === 'set').map(({ key }) => key));
    }
    const nowMs = performance.now();
    this.checkpoint = {
      ...checkpoint,
      busyMs: checkpoint.busyMs + nowMs - this.countedMs,
      cursor: page.cursor,
      tally: addPage(checkpoint.tally, page.keys, handled, weigh(page.samples, work), weigh(page.larger, work)),
    };
    this.countedMs = nowMs;
  }

  /** Saves the progress and checks that this node is still the primary: a replica would still return pages. */
  private async checkPrimary(link: StoreLink): Promise<void> {
    const { role, runId } = await link.run(() => link.store.identify());
    if (role !== 'master' || runId !== this.checkpoint.runId) throw new StoreInterrupted('the node is no longer the primary');
    await this.save({ failedInvocations: 0 });
  }

  private async reconcile(link: StoreLink): Promise<void> {
    if (this.indexes.length === 0) return;
    const { sweep, ports } = this;
    const work = { classify: this.classify, dryRun: sweep.dryRun, pause: ports.pause, isOver: () => this.isOver() };
    const removed = await link.run(() => reconcileIndex(link.redis, this.indexes, work));
    const { tally } = this.checkpoint;
    this.checkpoint = { ...this.checkpoint, tally: { ...tally, reconciled: tally.reconciled + removed } };
  }

  private async afterInterruption(error: StoreInterrupted, progressed: boolean): Promise<ShardReply> {
    const failedInvocations = progressed ? 1 : this.checkpoint.failedInvocations + 1;
    await this.save({ failedInvocations });
    const { runId, tally } = this.checkpoint;
    const { keys } = tally;
    if (failedInvocations < (runId === '' ? MAX_FAILED_INVOCATIONS_BEFORE_FIRST_ANSWER : MAX_FAILED_INVOCATIONS))
      return { verdict: 'WAIT', keys };
    const advice =
      runId === ''
        ? 'No key was changed. Check its host and port, the security groups, and whether it requires TLS'
        : `The sweep has read ${keys} keys; its repairs are kept`;
    const message = `the session store at ${this.ports.storeName} did not answer in ${failedInvocations} consecutive attempts: ${error.message}. ${advice}`;
    throw new StoreUnreachable(message, { cause: error });
  }

  private async save(change: Partial<Checkpoint>): Promise<void> {
    const answers = mergeHistograms(this.checkpoint.answers, this.answers.splice(0));
    this.checkpoint = { ...this.checkpoint, answers, ...change };
    const { now, records } = this.ports;
    if (!(await records.saveCheckpoint(this.shard, this.checkpoint, now() + LEASE_MS))) {
      throw new SweepLeaseLost(`another sweep took shard ${this.shard}. Sweep ${this.sweep.sweepId} stopped; its repairs are kept`);
    }
    this.savedAtMs = performance.now();
  }

  private isOver(): boolean {
    return performance.now() >= this.endsAtMs;
  }
}

const deletedOf = ({ byDialect }: Tally): number => Object.values(byDialect).reduce((sum, { deleted }) => sum + deleted, 0);
