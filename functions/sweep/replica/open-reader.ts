import { setTimeout as sleep } from 'node:timers/promises';
import type { KnownNode, StoreNodes } from '../../records/store-nodes.ts';
import type { NodeAddress } from '../../shared/store/cluster-slots.ts';
import { numberIn, parseInfo } from '../../shared/store/parse-info.ts';
import type { ReadNode } from '../contract/checkpoint.ts';
import type { SweepSettings } from '../contract/settings.ts';
import { OLDEST_RECORD_MS } from '../keys/classify-key.ts';
import { openLink, ReaderInterrupted, type ShardLinks, StoreInterrupted, type StoreLink } from '../nodes/store-link.ts';
import type { Progress } from '../progress.ts';
import type { ShardPorts } from '../shard-ports.ts';
import type { PageKeys, Repaired, RepairRequest, Sample, SweepStore } from '../store/sweep-store.ts';

type ReaderPorts = Pick<ShardPorts, 'connectTo' | 'storeNodes' | 'storeName' | 'now' | 'pause'>;

/** A replica that fell behind or failed this often is given up. With checks and waits of 5 s each, this takes half a minute. */
const MAX_FAILURES = 3;
/**
 * After a failover, DNS needs up to a minute until the endpoint leads to the promoted replica: the sweep waits for this number of
 * invocations.
 */
const MAX_WAITS_FOR_ENDPOINT = 10;
/** Replicas that one sweep gives up at most, since each makes it start again; then it reads from the primary. */
const MAX_GIVEN_UP = 3;
/** Replicas that one invocation tries at most. */
const MAX_TRIED = 2;

/**
 * The node that pages are read from: a replica that is in step, the same one in every invocation while it is fit; otherwise the
 * primary itself. A replica that was promoted is the primary now, and its cursors stay valid.
 * @throws StoreInterrupted where the replica in use can be fit again soon
 */
export async function openReader(ports: ReaderPorts, settings: SweepSettings, progress: Progress, writer: StoreLink): Promise<StoreLink> {
  const { runId, readNode } = progress.checkpoint;
  const { connectTo, storeName, pause } = ports;
  if (settings.readFrom === 'replica' && connectTo !== undefined && runId !== writer.identity.runId) {
    const replicaPorts = { connectTo, storeName };
    const kept = readNode && (await reopen({ ...replicaPorts, pause }, progress, readNode, writer));
    const reader = kept ?? (await openAny(ports, replicaPorts, progress, writer));
    if (reader) return reader;
  }
  progress.change({ readNode: undefined });
  return writer;
}

/** Undefined when it is given up. @throws StoreInterrupted */
async function reopen(
  ports: ReplicaPorts & Pick<ShardPorts, 'pause'>,
  progress: Progress,
  readNode: ReadNode,
  writer: StoreLink,
): Promise<StoreLink | undefined> {
  const { nodesGivenUp = [], failedInvocations } = progress.checkpoint;
  const link = readNode.failures < MAX_FAILURES ? await openReplica(ports, readNode, writer.identity.clustered) : undefined;
  if (link?.identity.runId === readNode.runId) {
    const verdict = await judgeReplica(link, writer, ports.pause).catch((error: unknown) => {
      link.close();
      throw error;
    });
    if (verdict === 'in-step') return link;
    link.close();
    if (verdict === 'behind') throw new ReaderInterrupted('the replica that pages are read from is behind its primary');
    if (failedInvocations < MAX_WAITS_FOR_ENDPOINT)
      throw new StoreInterrupted('the replica that pages are read from was promoted, and the endpoint leads to another primary');
  } else link?.close();
  progress.change({ readNode: undefined, nodesGivenUp: [...nodesGivenUp, readNode.runId] });
  return undefined;
}

/** Undefined where no replica is fit. */
async function openAny(
  { storeNodes, now, pause }: ReaderPorts,
  ports: ReplicaPorts,
  progress: Progress,
  writer: StoreLink,
): Promise<StoreLink | undefined> {
  const { nodesGivenUp = [] } = progress.checkpoint;
  if (nodesGivenUp.length >= MAX_GIVEN_UP) return undefined;
  const { clustered, replicationId } = writer.identity;
  const nodes = chooseReplicas(await storeNodes(), replicationId, nodesGivenUp, now());
  for (const { name, host, port } of nodes.slice(0, MAX_TRIED)) {
    const link = await openReplica(ports, { host, port }, clustered);
    if (link === undefined) continue;
    if ((await judgeReplica(link, writer, pause).catch(() => 'behind')) === 'in-step') {
      progress.change({ readNode: { name, host, port, runId: link.identity.runId, failures: 0 } });
      return link;
    }
    link.close();
  }
  return undefined;
}

/** A replica that was further behind on record is not tried; whether it is in step now is measured when it is opened. */
const MOST_LAG_SECONDS = 10;

/**
 * The replicas that pages could be read from, best first: the least behind, then by name, so that a repeated invocation chooses the
 * same. ElastiCache's reader endpoint is not used: it leads to another replica at each connection, and a cursor is valid on one.
 * @param replicationId of the primary: a store in cluster mode has several
 * @param givenUp run ids of nodes that this sweep does not read from any more
 */
export function chooseReplicas(
  known: StoreNodes | undefined,
  replicationId: string,
  givenUp: readonly string[],
  nowMs: number,
): readonly KnownNode[] {
  if (known === undefined || nowMs - known.takenAtMs > OLDEST_RECORD_MS) return [];
  return known.nodes
    .filter((node) => node.role === 'replica' && node.replicationId === replicationId && node.linkUp && !givenUp.includes(node.runId))
    .filter(({ lagSeconds = 0 }) => lagSeconds <= MOST_LAG_SECONDS)
    .sort((a, b) => (a.lagSeconds ?? 0) - (b.lagSeconds ?? 0) || (a.name < b.name ? -1 : 1));
}

/**
 * A replica's page without what it cannot know: idle times, since reads are not replicated; and keys that have expired by its own
 * clock, which it lists until the primary removes them.
 */
export const asReplicaPage = <Keys extends PageKeys>(page: Keys): Keys => ({
  ...page,
  persistentKeys: page.persistentKeys.map((persistentKey) => ({ ...persistentKey, idleSeconds: undefined })),
  samples: page.samples.filter(exists),
  larger: page.larger.filter(exists),
});

const exists = ({ type }: Sample): boolean => type !== 'none';

/**
 * Values are read from the replica, which takes no time of the primary and does not count as use there. Every write and the checks before
 * it, of type, TTL and use, are the primary's. A dry run writes nothing: its checks are the replica's, except those of idle times.
 */
export const withReadsOf = (replica: SweepStore, primary: SweepStore): SweepStore => ({
  ...primary,
  readsKeepIdle: true,
  readValues: (wanted, together) => replica.readValues(wanted, together),
  async repair(requests, dry) {
    if (!dry) return primary.repair(requests, dry);
    const [ofPrimary, ofReplica] = [requests.filter(checksIdle), requests.filter((request) => !checksIdle(request))];
    const onReplica = await repairIfAny(replica, ofReplica);
    const onPrimary = await repairIfAny(primary, ofPrimary);
    const outcomes = new Map([...zip(ofReplica, onReplica), ...zip(ofPrimary, onPrimary)]);
    const interruption = onReplica.interruption ?? onPrimary.interruption;
    return { outcomes: requests.map((request) => outcomes.get(request)), ...(interruption && { interruption }) };
  },
});

const checksIdle = ({ guard }: RepairRequest): boolean =>
  guard.kind === 'idle' || ('idleSeconds' in guard && guard.idleSeconds !== undefined);

const repairIfAny = async (store: SweepStore, requests: readonly RepairRequest[]): Promise<Repaired> =>
  requests.length === 0 ? { outcomes: [] } : store.repair(requests, true);

const zip = (requests: readonly RepairRequest[], { outcomes }: Repaired) => requests.map((request, at) => [request, outcomes[at]] as const);

/** A node that lives answers within milliseconds; connecting to one that is gone takes longer than an invocation can wait. */
const OPEN_LIMIT_MS = 5_000;

interface ReplicaPorts extends Pick<ShardPorts, 'storeName'> {
  readonly connectTo: NonNullable<ShardPorts['connectTo']>;
}

/**
 * Two connections to a replica, in cluster mode with READONLY: without it a replica answers every command with MOVED. Its faults
 * are {@link ReaderInterrupted}.
 * @returns undefined where it does not answer, or refuses
 */
export async function openReplica(ports: ReplicaPorts, node: NodeAddress, clustered: boolean): Promise<StoreLink | undefined> {
  const connect = async () => {
    const redis = await ports.connectTo(node);
    // To the writes of a dry run, which it refuses: elsewhere a sign of a failover, after which a client connects again.
    redis.options.reconnectOnError = null;
    if (clustered) await redis.call('READONLY');
    return redis;
  };
  const opening = openLink(connect, ports.storeName, []);
  const link = await Promise.race([opening.catch(() => undefined), sleep(OPEN_LIMIT_MS, undefined, { ref: false })]);
  if (link === undefined) {
    opening.then(
      (late) => late.close(),
      () => undefined,
    );
    return undefined;
  }
  return { ...link, run: (work) => link.run(work).catch(asReaderFault) };
}

function asReaderFault(error: unknown): never {
  throw error instanceof StoreInterrupted ? new ReaderInterrupted(`the replica: ${error.message}`, { cause: error }) : error;
}

/**
 * Notes that the replica that pages are read from has every repair so far. Replication is asynchronous: if this replica is promoted,
 * later repairs can be lost, and the sweep goes on from here. Where pages are read from the primary there is nothing to note.
 * @throws StoreInterrupted when the replica is behind, or is no replica any more
 */
export async function confirmProgress({ reader, writer }: ShardLinks, progress: Progress, pause: ShardPorts['pause']): Promise<void> {
  if (reader === writer) return;
  await checkReplica(reader, writer, pause);
  const { parts, tally } = progress.saved;
  progress.change({ confirmed: { parts, tally } });
}

/**
 * `promoted`: it is a primary now. `behind`: it does not receive the primary's changes, or has not applied within the limit what
 * the primary had written at the beginning of the check.
 */
type ReplicaVerdict = 'in-step' | 'promoted' | 'behind';

/** With {@link POLL_MS} this is five seconds, the lag that a sweep accepts. The next sweep finds newer keys. */
const MAX_POLLS = 50;
const POLL_MS = 100;

/** Compares a replica with its primary, and gives it five seconds to catch up. @throws StoreInterrupted */
async function judgeReplica(
  reader: Pick<StoreLink, 'run' | 'redis'>,
  writer: Pick<StoreLink, 'run' | 'redis'>,
  pause: (ms: number) => Promise<unknown>,
): Promise<ReplicaVerdict> {
  const primary = await stateOf(writer);
  for (let poll = 0; poll < MAX_POLLS; poll += 1) {
    const replica = await stateOf(reader);
    if (replica.role === 'primary') return 'promoted';
    if (hasApplied(replica, primary)) return 'in-step';
    await pause(POLL_MS);
  }
  return 'behind';
}

/** @throws ReaderInterrupted when the replica is behind; StoreInterrupted when it is a primary now */
async function checkReplica(...compared: Parameters<typeof judgeReplica>): Promise<void> {
  const verdict = await judgeReplica(...compared);
  if (verdict === 'behind') throw new ReaderInterrupted('the replica that pages are read from is behind its primary');
  if (verdict === 'promoted') throw new StoreInterrupted('the replica that pages are read from was promoted');
}

/** Whether the replica has every change that the primary had made by then. Pure. */
const hasApplied = (replica: ReplicationState, primary: ReplicationState): boolean =>
  replica.linkUp && replica.replicationId === primary.replicationId && replica.offset >= primary.offset;

const stateOf = async ({ run, redis }: Pick<StoreLink, 'run' | 'redis'>): Promise<ReplicationState> =>
  replicationState(await run(() => redis.info()));

/** A node's place in replication, by its own INFO. */
interface ReplicationState {
  readonly runId: string;
  readonly role: 'primary' | 'replica';
  /** Equal for a primary and its replicas. */
  readonly replicationId: string;
  /** Whether a replica receives its primary's changes; true for a primary. */
  readonly linkUp: boolean;
  /** Bytes of the replication stream that it has written, or as a replica has applied. */
  readonly offset: number;
}

/** @param info the reply to INFO */
export function replicationState(info: string): ReplicationState {
  const fields = parseInfo(info);
  const role = fields.get('role') === 'master' ? 'primary' : 'replica';
  return {
    runId: fields.get('run_id') ?? '',
    role,
    replicationId: fields.get('master_replid') ?? '',
    linkUp: role === 'primary' || fields.get('master_link_status') === 'up',
    offset: numberIn(fields, role === 'primary' ? 'master_repl_offset' : 'slave_repl_offset') ?? 0,
  };
}
