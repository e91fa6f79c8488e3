import { METHODS, type StoreReading } from '../../functions/collect/contract.ts';
import { type CloudOptions, connect } from '../cloud.ts';
import { CommandFailure } from '../failure.ts';
import type { Output } from '../output.ts';
import { renderReading } from '../render-reading.ts';

/** Three readings that did not come: the collector is silent, and what it said last is history. */
const STALE_SECONDS = 180;

/** What the collector read last. @throws CommandFailure NoReading */
export async function store(options: CloudOptions, output: Output): Promise<void> {
  const cloud = await connect(options);
  output.say(cloud.title);
  const record = await cloud.store.getStore();
  if (record === undefined) {
    throw new CommandFailure(
      'NoReading',
      `the session store of ${cloud.installation} has not been read yet: its collector runs once a minute after "npx cdk deploy --all"; if it stays so, see docs/operator-runbook.md#collector-silent`,
    );
  }
  const value = withAge(record.reading, Date.now());
  output.result({ ...value, methods: METHODS }, () => renderReading(value));
}

export interface AgedReading extends StoreReading {
  readonly ageSeconds: number;
  readonly stale: boolean;
}

export function withAge(reading: StoreReading, nowMs: number): AgedReading {
  const ageSeconds = Math.max(0, Math.round((nowMs - reading.takenAtMs) / 1000));
  return { ...reading, ageSeconds, stale: ageSeconds > STALE_SECONDS };
}
