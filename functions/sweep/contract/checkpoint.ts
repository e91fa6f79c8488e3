/** The progress of a sweep, as it is stored between two invocations. */
import type { KnownNode } from '../../records/store-nodes.ts';
import type { Tally } from './tally.ts';

/** How pages are read: by a script on the server, or by pipelined commands where scripts are not allowed. */
export type Method = 'script' | 'pipeline';

/** A part of the key space, and how far it is read. */
export interface Part {
  /** The cursor of the next page, which is valid on one run of one node only. */
  readonly cursor: string;
  /** Cursor that the next part starts at; `0`: the end of the key space. */
  readonly until: string;
  /** Keys of the pages so far, and those of them with a TTL. */
  readonly keys: number;
  readonly withTtl: number;
  readonly isDone: boolean;
}

/** What a node has counted, at one time. */
export interface KeyCounts {
  /** The number of keys in one database. */
  readonly keys: number;
  /** Those among them that are past their TTL and not deleted yet, as estimated: SCAN does not return them. */
  readonly stale: number;
  /** Since the node's start, in all its databases. */
  readonly expired: number;
  readonly evicted: number;
  /** Calls of commands that can remove a key. */
  readonly removals: number;
}

/** The number of latencies in each class. */
export type LatencyHistogram = readonly number[];

/** Why a sweep, or one unit of it, failed. */
export interface UnitFault {
  readonly Error: string;
  readonly Cause: string;
}

/** SSCAN's cursor of each set, or `finished`, by the set's hashed id. */
export type SetCursors = Readonly<Record<string, string>>;

/** A replica that pages are read from. The cursors are valid on the run with its `runId`. */
export interface ReadNode extends Pick<KnownNode, 'name' | 'host' | 'port' | 'runId'> {
  /** How often it failed, or was behind. */
  readonly failures: number;
}

/** A position that a sweep can go on at. */
export type Position = Pick<Checkpoint, 'parts' | 'tally'>;

/** Progress of the sweep of one shard. */
export interface Checkpoint {
  readonly sweepId: string;
  /** Of a dry run, or of another run that the next sweep does not go on from: the one that it goes on from is kept next to it. */
  readonly isAside?: true;
  /** Run id of the server that pages are read from: the parts' cursors are valid on it alone. */
  readonly runId: string;
  /** That server, where it is a replica. */
  readonly readNode?: ReadNode;
  /** Run id of the primary that repairs went to. */
  readonly primaryRunId?: string;
  /** What was read and repaired when `readNode` was last in step with its primary. */
  readonly confirmed?: Position;
  /** Run ids of replicas that this sweep does not read from any more. */
  readonly nodesGivenUp?: readonly string[];
  /** The parts of the server's key space, and how far each is read. */
  readonly parts: readonly Part[];
  /** The server's counts when the reading of its parts began; undefined where its keys are read as one part. */
  readonly countsBefore?: KeyCounts;
  /** A check of the parts failed: the sweep goes by one cursor from then on. */
  readonly inDoubt?: boolean;
  /** COUNT of the largest page. */
  readonly largestCount: number;
  /** One in `<count>` keys with a TTL was sampled, where fewest were. */
  readonly sampledOneIn?: number;
  /** One in `<count>` keys with a TTL was measured for the largest sessions, where fewest were. */
  readonly measuredOneIn?: number;
  readonly tally: Tally;
  /** Deletes, or changes of lives, that this sweep has sent, or can have sent before it crashed: `maxDeletes` or `lives.most` limits them. */
  readonly deletesReserved: number;
  /** Cursors of index sets that an earlier invocation began to search and did not finish. Their keys come next in `parts`. */
  readonly setCursors?: SetCursors | undefined;
  /** Forms of session ids, as digests, of which a session was found alive (reconcile-index.ts). */
  readonly provenForms?: readonly string[];
  /** Working time, over all invocations. */
  readonly busyMs: number;
  readonly answers: LatencyHistogram;
  readonly method: Method;
  /** Failovers and restarts of the server; the sweep starts again at the first page after each. */
  readonly restarts: number;
  /** Consecutive invocations without progress. */
  readonly failedInvocations: number;
  /** All of this unit, with the current one. */
  readonly invocations: number;
  /** In cluster mode: slots that the node has served, and that have not moved, since its first page was read: `0-5460`. */
  readonly slots?: string;
  /** The unit is complete without having been swept. */
  readonly fault?: UnitFault;
  readonly isDone: boolean;
}
