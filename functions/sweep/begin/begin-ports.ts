import type { DialectShares } from '../../records/dialect-shares.ts';
import type { TtlBaseline } from '../../records/ttl-baseline.ts';
import type { Log } from '../../shared/log-events.ts';
import type { SweepSettings } from '../contract/settings.ts';
import type { HashId } from '../keys/hash-id.ts';
import type { ConnectToNode } from '../nodes/shards.ts';
import type { SweepReport } from '../report/make-report.ts';
import type { ShardPorts } from '../shard-ports.ts';
import type { SweepRecords } from '../sweep-records.ts';

export interface BeginPorts extends Pick<ShardPorts, 'now' | 'pause'> {
  readonly connect: ConnectToNode;
  readonly records: SweepRecords;
  /** What the last full sweep left. */
  readonly baseline: { get(): Promise<TtlBaseline | undefined>; put(baseline: TtlBaseline): Promise<void> };
  readonly shares: () => Promise<DialectShares | undefined>;
  readonly saveShares: (shares: DialectShares) => Promise<void>;
  readonly saveReport: (key: string, report: SweepReport) => Promise<void>;
  readonly hashId: () => Promise<HashId>;
  readonly log: Log;
  readonly settings: SweepSettings;
  /** Version of the function, which a baseline is bound to. */
  readonly version: string;
}
