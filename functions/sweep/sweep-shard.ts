import type { Redis } from 'ioredis';
import { addClasses } from './answer-times.ts';
import { type Classify, createClassify } from './classify-key.ts';
import type { Checkpoint, ShardReply, SweepContext } from './contract.ts';
import { NotAPrimary, StoreUnreachable, SweepInProgress, SweepLeaseLost } from './errors.ts';
import { handlePage, type PageWork, weigh } from './handle-page.ts';
import type { HashId } from './hash-id.ts';
import { createPacer, limitsFor } from './pace.ts';
import { isFull, joinPages } from './page-batch.ts';
import { readPages } from './read-pages.ts';
import { reconcileIndex } from './reconcile-index.ts';
import { weighsAll } from './settings.ts';
import { ONLY_SHARD } from './shards.ts';
import { openLink, type StoreLink, StoreTrouble } from './store-link.ts';
import type { SweepRecords } from './sweep-records.ts';
import type { Page } from './sweep-store.ts';
import { addPage, EMPTY_TALLY, largeFrom, startAgain, type Tally } from './tally.ts';

export interface ShardPorts {
  /** A connection to the shard's primary that stands. */
  readonly connect: () => Promise<Redis>;
  /** How the store is called in messages: host and port. */
  readonly storeName: string;
  readonly records: Pick<SweepRecords, 'takeShard' | 'saveCheckpoint'>;
  readonly hashId: HashId;
  /** By the wall, milliseconds since the epoch: leases and lives. Durations are measured by a clock that no one sets. */
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<unknown>;
}

/** Between two checkpoints, which are what a sweep writes most: what a crash loses, and sees again. */
const SAVE_EVERY_MS = 10_000;
/** Above the function's limit of 60 s, and a wait for the next invocation. */
const LEASE_MS = 120_000;
/** Waits of 5 s, and connections that try for 3 s and more: three minutes, longer than a failover takes. */
const MOST_TROUBLES = 20;
/** The same for a store that never answered yet: more likely it is named wrong. */
const MOST_TROUBLES_AT_FIRST = 6;
/** Sets of one invocation whose dead members are looked for. */
const MOST_INDEXES = 10_000;

const fresh = (sweepId: string): Checkpoint => ({
  sweepId,
  runId: '',
  cursor: '0',
  tally: EMPTY_TALLY,
  busyMs: 0,
  answers: [],
  method: 'script',
  restarts: 0,
  troubles: 0,
  isDone: false,
});

/**
 * Goes through one shard's keys from where the last invocation stopped, for at most `budgetMs`.
 * @throws SweepInProgress, SweepLeaseLost, StoreUnreachable, NotAPrimary
 */
export async function sweepShard(ports: ShardPorts, sweep: SweepContext, shard: string, budgetMs: number): Promise<ShardReply> {
  const startedMs = performance.now();
  const taken = await ports.records.takeShard(shard, sweep.sweepId, ports.now(), ports.now() + LEASE_MS);
  if (!taken.taken) throw new SweepInProgress(shard, taken.holder, taken.expiresAtMs);
  // The reply to the invocation that ended it was lost.
  if (taken.checkpoint?.isDone) return { verdict: 'DONE', keys: taken.checkpoint.tally.keys };
  const run = new ShardRun(ports, sweep, shard, taken.checkpoint ?? fresh(sweep.sweepId), startedMs + budgetMs);
  return run.go();
}

/** One invocation's stretch of a sweep. */
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
  /** Until when the time at the store is counted. */
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
      this.beginAt(link);
      const verdict = await this.pages(link);
      await this.reconcile(link);
      if (verdict === 'DONE') await link.run(link.probeOnce);
      await this.save({ troubles: 0, isDone: verdict === 'DONE' });
      return { verdict, keys: this.checkpoint.tally.keys };
    } catch (error) {
      if (!(error instanceof StoreTrouble)) throw error;
      return await this.afterTrouble(error, this.checkpoint.cursor !== before.cursor);
    } finally {
      link?.close();
    }
  }

  /** Cursors are of one run of one node: on any other the sweep starts at the first page. */
  private beginAt({ identity: { runId, role, clustered }, store }: StoreLink): void {
    const { checkpoint } = this;
    if (clustered && this.shard === ONLY_SHARD)
      throw new StoreUnreachable(
        `${this.ports.storeName} is a cluster, and did not tell its shards when the sweep began. No key was changed: start it again`,
      );
    if (role !== 'master') {
      const message = `${this.ports.storeName} is a replica, which takes no writes: name the primary endpoint. No key was changed`;
      // In mid-sweep the endpoint may still lead to the node that was the primary.
      if (checkpoint.runId === '') throw new NotAPrimary(message);
      throw new StoreTrouble(message);
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

  private async pages(link: StoreLink): Promise<'DONE' | 'WAIT'> {
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
          // Pages are read on while a batch of them is handled; batches one after the other, so that a cursor is kept with its keys.
          await handling;
          handling = this.handle(link, batch);
          handling.catch(() => undefined); // awaited in its turn
          batch = undefined;
        }
        if (verdict || isSaveDue) await handling;
        if (verdict) return verdict;
        if (isSaveDue) await this.lookAround(link);
      }
      return 'DONE';
    } finally {
      // What it mended belongs into the checkpoint, whatever became of the pages after it.
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
      deletesLeft: sweep.settings.mostDeletes - deletedOf(checkpoint.tally),
      nowMs: ports.now(),
    };
    const handled = page.offenders.length === 0 ? [] : await link.run(() => handlePage(page, work));
    if (sweep.settings.reconcile && this.indexes.length < MOST_INDEXES) {
      this.indexes.push(...page.offenders.filter(({ type }) => type === 'set').map(({ key }) => key));
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

  /** Keeps what was done, and sees whether this node is still the primary: a replica would go on answering pages. */
  private async lookAround(link: StoreLink): Promise<void> {
    const { role, runId } = await link.run(() => link.store.identify());
    if (role !== 'master' || runId !== this.checkpoint.runId) throw new StoreTrouble('the node is no primary any more');
    await this.save({ troubles: 0 });
  }

  private async reconcile(link: StoreLink): Promise<void> {
    if (this.indexes.length === 0) return;
    const { sweep, ports } = this;
    const work = { classify: this.classify, dryRun: sweep.dryRun, pause: ports.pause, isOver: () => this.isOver() };
    const removed = await link.run(() => reconcileIndex(link.redis, this.indexes, work));
    const { tally } = this.checkpoint;
    this.checkpoint = { ...this.checkpoint, tally: { ...tally, reconciled: tally.reconciled + removed } };
  }

  private async afterTrouble(error: StoreTrouble, gotOn: boolean): Promise<ShardReply> {
    const troubles = gotOn ? 1 : this.checkpoint.troubles + 1;
    await this.save({ troubles });
    const { runId, tally } = this.checkpoint;
    const { keys } = tally;
    if (troubles < (runId === '' ? MOST_TROUBLES_AT_FIRST : MOST_TROUBLES)) return { verdict: 'AGAIN', keys };
    const remedy =
      runId === ''
        ? 'No key was changed; look at its host and port, at the security groups, and whether it wants TLS'
        : `The sweep went through ${keys} keys; what it mended stays mended`;
    const message = `the session store at ${this.ports.storeName} did not answer ${troubles} times in a row: ${error.message}. ${remedy}`;
    throw new StoreUnreachable(message, { cause: error });
  }

  private async save(change: Partial<Checkpoint>): Promise<void> {
    const answers = addClasses(this.checkpoint.answers, this.answers.splice(0));
    this.checkpoint = { ...this.checkpoint, answers, ...change };
    const { now, records } = this.ports;
    if (!(await records.saveCheckpoint(this.shard, this.checkpoint, now() + LEASE_MS))) {
      throw new SweepLeaseLost(`another sweep took shard ${this.shard} meanwhile; this one, ${this.sweep.sweepId}, stopped where it was`);
    }
    this.savedAtMs = performance.now();
  }

  private isOver(): boolean {
    return performance.now() >= this.endsAtMs;
  }
}

const deletedOf = ({ byDialect }: Tally): number => Object.values(byDialect).reduce((sum, { deleted }) => sum + deleted, 0);
