import { recordKeys } from '../../records/keys.ts';
import type { RecordsTable } from '../../records/records-table.ts';
import type { ReportLine, Severity } from './findings.ts';

/** What a fleet's canary found last, on record, and the lease against overlapping runs. Nothing secret is in it. */

/** A line of the last report; why a finding matters and its fix are in the catalogue. */
export type StoredLine = Pick<ReportLine, 'check' | 'result' | 'severity' | 'what' | 'finding' | 'accepted'>;

export type TimeOutLine = StoredLine & { readonly atMs: number };

/** Times are milliseconds since the epoch. */
export interface CanaryRecord {
  readonly url: string;
  /** The last turn that the site answered. */
  readonly turnedAtMs?: number;
  /** When all checks began last, and ran to the end. */
  readonly ranAtMs?: number;
  /** What those checks found, time-outs apart. */
  readonly lines: readonly StoredLine[];
  /** What kept sessions show about time-outs. */
  readonly timeOuts: readonly TimeOutLine[];
  /** Kept sessions that are used, or left alone, now. */
  readonly sessions: number;
  readonly vanishedAtMs: readonly number[];
  /** Since when nothing works, and what happened last; absent after a turn that worked. */
  readonly failed?: { readonly sinceMs: number; readonly atMs: number; readonly what: string };
}

export interface CanaryRecords {
  /** Undefined before the first turn. */
  get(): Promise<CanaryRecord | undefined>;
  put(record: CanaryRecord): Promise<void>;
}

export interface CanaryLease {
  /** False while another invocation is at work. */
  take(owner: string, nowMs: number, untilMs: number): Promise<boolean>;
  release(owner: string): Promise<void>;
}

const MOST_VANISHED = 20;

export const emptyRecord = (url: string): CanaryRecord => ({ url, lines: [], timeOuts: [], sessions: 0, vanishedAtMs: [] });

export const withVanished = (record: CanaryRecord, count: number, atMs: number): CanaryRecord => ({
  ...record,
  vanishedAtMs: [...record.vanishedAtMs, ...Array.from({ length: count }, () => atMs)].slice(-MOST_VANISHED),
});

/** Every line of the last results, worst last. */
export const linesOf = ({ lines, timeOuts }: CanaryRecord): readonly StoredLine[] => [...lines, ...timeOuts];

const isOpen = ({ finding, accepted }: StoredLine): boolean => finding !== undefined && accepted === undefined;
export const openFindings = (record: CanaryRecord): readonly StoredLine[] => linesOf(record).filter(isOpen);

const ORDER: readonly Severity[] = ['error', 'warning', 'unknown', 'notice', 'ok'];
export const worstFirst = (lines: readonly StoredLine[]): readonly StoredLine[] =>
  lines.toSorted((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));

/** Reads by BatchGetItem, which readers of records are allowed to call. @returns undefined before the first turn, or without a canary */
export async function readCanary(table: Pick<RecordsTable, 'getEach'>, fleet: string): Promise<CanaryRecord | undefined> {
  const [record] = await table.getEach<CanaryRecord>([recordKeys.canary(fleet)]);
  return record;
}

export function dynamoCanaryRecords(table: RecordsTable, fleet: string): CanaryRecords & { readonly lease: CanaryLease } {
  return {
    get: () => table.get<CanaryRecord>(recordKeys.canary(fleet)),
    async put(record) {
      await table.put(recordKeys.canary(fleet), withoutAbsent(record));
    },
    lease: recordLease(table, recordKeys.canaryLease(fleet)),
  };
}

export const recordLease = (table: RecordsTable, key: ReturnType<typeof recordKeys.canaryLease>): CanaryLease => ({
  async take(owner, nowMs, untilMs) {
    const taken = await table.update(key, {
      UpdateExpression: 'SET heldBy = :owner, expiresAtMs = :until',
      ConditionExpression: 'attribute_not_exists(heldBy) OR expiresAtMs <= :now',
      ExpressionAttributeValues: { ':owner': owner, ':until': untilMs, ':now': nowMs },
    });
    return taken !== undefined;
  },
  async release(owner) {
    await table.update(key, {
      UpdateExpression: 'REMOVE heldBy, expiresAtMs',
      ConditionExpression: 'heldBy = :owner',
      ExpressionAttributeValues: { ':owner': owner },
    });
  },
});

const withoutAbsent = (record: object): object => JSON.parse(JSON.stringify(record)) as object;
