import type { Checkpoint } from './contract/checkpoint.ts';
import type { SweepSettings } from './contract/settings.ts';
import type { ShardReply, SweepContext } from './contract/steps.ts';
import { DatabaseRefused, NoPrimaryLeft, StoreUnreachable, SweepInProgress } from './errors.ts';
import { createClassify, primarySince } from './keys/classify-key.ts';
import { openLink, ReaderInterrupted, type ShardLinks, StoreInterrupted, type StoreLink } from './nodes/store-link.ts';
import { createDeleteBudget } from './pages/apply-repairs.ts';
import { isSamePosition } from './pages/key-space.ts';
import { limitsFor, type Reading } from './pages/pace.ts';
import { createProgress, LEASE_MS, newCheckpoint, type Progress } from './progress.ts';
import { confirmProgress, openReader } from './replica/open-reader.ts';
import { drawStart } from './report/choose-sample.ts';
import { createBatchHandler } from './shard/handle-batches.ts';
import { createIndexSets, NO_INDEX_SETS } from './shard/index-sets.ts';
import { createPacedNode } from './shard/paced-node.ts';
import { noteSlots, readInParts, type ShardNodes } from './shard/read-shard.ts';
import { checkNode, readExpiring, startOnNode } from './shard/start-on-node.ts';
import type { ShardPorts } from './shard-ports.ts';
import { databaseOf } from './unit-name.ts';

/**
 * Sweeps one shard's keys from the last checkpoint, for at most `budgetMs`.
 * @throws SweepInProgress, SweepLeaseLost, StoreUnreachable, NotAPrimary
 */
export async function sweepShard(ports: ShardPorts, sweep: SweepContext, shard: string, budgetMs: number): Promise<ShardReply> {
  const endsAtMs = performance.now() + budgetMs;
  const isOver = () => performance.now() >= endsAtMs;
  const taken = await ports.records.takeShard(shard, sweep.sweepId, ports.now(), ports.now() + LEASE_MS);
  if (!taken.taken) throw new SweepInProgress(shard, taken.holder, taken.expiresAtMs);
  const before = taken.checkpoint ?? takeOver(taken.earlier, sweep) ?? firstOf(sweep);
  if (taken.checkpoint === undefined) await ports.records.saveCheckpoint(shard, before, ports.now() + LEASE_MS);
  // The shard is complete: the reply to its last invocation was lost.
  if (before.isDone) return { verdict: 'DONE', keys: before.tally.keys };
  // The report finds it unfinished, and the next sweep goes on from its checkpoint.
  if (isTimeOver(sweep, before, ports.now())) return { verdict: 'DONE', keys: before.tally.keys };
  const progress = createProgress(ports, shard, { ...before, invocations: before.invocations + 1 });
  let writer: StoreLink | undefined;
  let reader: StoreLink | undefined;
  try {
    writer = await openLink(ports.connect, ports.storeName, progress.latencies);
    checkNode(writer, shard, ports.storeName, before.runId === '');
    reader = await openReader(ports, sweep.settings, progress, writer);
    const links = { reader, writer };
    const { settings } = sweep;
    const read = { pace: readPace(settings, links), isOwn: isReplicaReader(settings, links), reading: ports.reading };
    const start = { shard, database: databaseOf(shard), ...read };
    progress.change(await startOnNode(before, links, start));
    await noteSlots(writer, progress, sweep.round);
    const verdict = await sweepFrom({ ports, sweep, shard, progress }, links, isOver);
    return { verdict, keys: progress.saved.tally.keys };
  } catch (error) {
    if (error instanceof NoPrimaryLeft || error instanceof DatabaseRefused) return await endUnswept(progress, error);
    if (!(error instanceof StoreInterrupted)) throw error;
    return await waitForStore(ports, progress, !isSamePosition(progress.saved.parts, before.parts), error);
  } finally {
    reader?.close();
    writer?.close();
  }
}

/** The checkpoint of a sweep that this one goes on from. A unit with a fault is tried anew. Later rounds of a cluster's sweep read other slots. Pure. */
export function takeOver(earlier: Checkpoint | undefined, { sweepId, round, unfinished }: SweepContext): Checkpoint | undefined {
  if (earlier === undefined || earlier.fault || round !== undefined || !unfinished?.sweepIds.includes(earlier.sweepId)) return undefined;
  return { ...earlier, sweepId, invocations: 0, failedInvocations: 0, deletesReserved: 0 };
}

/** A run that the next sweep does not go on from leaves the checkpoint of a paused one where it is. */
const firstOf = ({ sweepId, unfinished }: SweepContext): Checkpoint => ({
  ...newCheckpoint(sweepId),
  ...(unfinished === undefined && { isAside: true }),
});

const isTimeOver = ({ maxInvocations, pausesAtMs }: SweepContext, { invocations }: Checkpoint, nowMs: number): boolean =>
  invocations >= (maxInvocations ?? Number.POSITIVE_INFINITY) || nowMs >= (pausesAtMs ?? Number.POSITIVE_INFINITY);

interface ShardWork {
  readonly ports: ShardPorts;
  readonly sweep: SweepContext;
  readonly shard: string;
  readonly progress: Progress;
}

async function sweepFrom(
  { ports, sweep, shard, progress }: ShardWork,
  links: ShardLinks,
  isOver: () => boolean,
): Promise<'DONE' | 'REPEAT'> {
  const { settings, dryRun } = sweep;
  const { pause } = ports;
  const { writer } = links;
  const classify = createClassify(settings);
  const reserve = async (deletesReserved: number) => (dryRun ? undefined : progress.save({ deletesReserved }));
  const deletes = createDeleteBudget(sweep.lives?.most ?? settings.maxDeletes, progress.checkpoint.deletesReserved, reserve);
  // The primary does not see what the application reads from replicas.
  const known = settings.applicationReadsReplicas ? undefined : await ports.storeNodes();
  const primarySinceMs = primarySince(known, writer.identity, ports.now());
  const nodes = pacedNodes(links, settings, progress.checkpoint, ports.reading);
  const indexSets = settings.reconcile ? createIndexSets({ classify, dryRun, isOver, ports }, progress, nodes.writer) : NO_INDEX_SETS;
  const handle = createBatchHandler({ ports, sweep, progress, classify, indexSets, deletes, primarySinceMs }, nodes);
  const sampleStart = drawStart(`${sweep.sweepId} ${shard}`);
  const { reader } = links;
  const expiring = await reader.run(() => readExpiring(reader.redis, databaseOf(shard)));
  const work = { settings, expiring, sampleStart, progress, pause, handle, isOver: () => isOver() || indexSets.isStopped };
  let verdict: 'DONE' | 'REPEAT';
  try {
    verdict = await readInParts(nodes, work, databaseOf(shard));
  } finally {
    progress.change({ deletesReserved: deletes.settle() });
  }
  if (!(await indexSets.finish())) verdict = 'REPEAT';
  if (verdict === 'DONE') {
    await noteSlots(writer, progress, sweep.round);
    await writer.run(writer.probeOnce);
  } else await confirmProgress(links, progress, pause);
  await progress.save({ failedInvocations: 0, isDone: verdict === 'DONE' });
  return verdict;
}

/** Ends this unit alone: the others go on, and the sweep reports what is missing after the last of them. */
async function endUnswept(progress: Progress, { name, message }: NoPrimaryLeft | DatabaseRefused): Promise<ShardReply> {
  const fault = name === 'DatabaseRefused' ? { fault: { Error: name, Cause: message } } : {};
  await progress.save({ slots: '', isDone: true, ...fault });
  return { verdict: 'DONE', keys: progress.checkpoint.tally.keys };
}

/** @throws StoreUnreachable when the store has not answered for too long */
async function waitForStore(ports: ShardPorts, progress: Progress, hasProgressed: boolean, error: StoreInterrupted): Promise<ShardReply> {
  const { failedInvocations, readNode } = progress.checkpoint;
  const reader = readNode && error instanceof ReaderInterrupted ? { readNode: { ...readNode, failures: readNode.failures + 1 } } : {};
  await progress.save({ failedInvocations: hasProgressed ? 1 : failedInvocations + 1, ...reader });
  const final = judgeInterruption(progress.checkpoint, ports.storeName, error);
  if (final) throw final;
  return { verdict: 'WAIT', keys: progress.checkpoint.tally.keys };
}

/** With waits of 5 s and connection attempts of 3 s and more, these take three minutes, longer than a failover. */
const MAX_FAILED_INVOCATIONS = 20;
/** A store that has not answered yet is given fewer: its address is more likely to be wrong. */
const MAX_FAILED_INVOCATIONS_BEFORE_FIRST_ANSWER = 6;

/** The error that ends the sweep after an interruption; undefined: the next invocation tries again. Pure. */
export function judgeInterruption(checkpoint: Checkpoint, storeName: string, cause: Error): StoreUnreachable | undefined {
  const { runId, tally, failedInvocations } = checkpoint;
  const hasAnswered = runId !== '';
  if (failedInvocations < (hasAnswered ? MAX_FAILED_INVOCATIONS : MAX_FAILED_INVOCATIONS_BEFORE_FIRST_ANSWER)) return undefined;
  const advice = hasAnswered
    ? `The sweep has read ${tally.keys} keys; its repairs are kept`
    : 'No key was changed. Check its host and port, the security groups, and whether it requires TLS';
  const message = `the session store at ${storeName} did not answer in ${failedInvocations} consecutive attempts: ${cause.message}. ${advice}`;
  return new StoreUnreachable(message, { cause });
}

/** Whether pages are read from a replica that no other client uses. */
export const isReplicaReader = ({ applicationReadsReplicas }: SweepSettings, { reader, writer }: ShardLinks): boolean =>
  reader !== writer && !applicationReadsReplicas;

/** A replica of its own has no other client to be gentle to. Repairs keep their pace on the primary. */
export const readPace = (settings: SweepSettings, links: ShardLinks): SweepSettings['pace'] =>
  isReplicaReader(settings, links) ? 'fast' : settings.pace;

export function pacedNodes(links: ShardLinks, settings: SweepSettings, { parts }: Checkpoint, reading: Reading | undefined): ShardNodes {
  const { reader, writer } = links;
  const paced = (link: StoreLink, pace: SweepSettings['pace']) => createPacedNode(link, limitsFor(pace, link.idle, parts.length, reading));
  const node = paced(reader, readPace(settings, links));
  return { reader: node, writer: reader === writer ? node : paced(writer, settings.pace) };
}
