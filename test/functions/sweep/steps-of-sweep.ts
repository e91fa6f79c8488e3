/** Runs the steps of a sweep on real stores in the order of its state machine. */

import { DEFAULT_SWEEP_SETTINGS } from '../../../functions/sweep/contract/settings.ts';
import type { BeginRequest, Begun, ShardReply, SlotsReply, SweepInput } from '../../../functions/sweep/contract/steps.ts';
import type { SweepReport } from '../../../functions/sweep/report/make-report.ts';
import { createSweep, type SweepPorts } from '../../../functions/sweep/sweep.ts';
import { memoryBaseline } from '../fakes/memory-baseline.ts';
import { memorySweepRecords } from '../fakes/memory-sweep-records.ts';

/** @param reports receives each report */
export const portsOf = (connect: SweepPorts['connect'], reports: SweepReport[], change: Partial<SweepPorts> = {}): SweepPorts => ({
  connect,
  storeName: 'store:6379',
  storeNodes: async () => undefined,
  records: memorySweepRecords(),
  saveReport: async (_, report) => void reports.push(report),
  ...memoryBaseline(),
  metrics: { swept: () => undefined },
  log: { info: () => undefined, warn: () => undefined },
  // Most tests plant sessions that have all lost their TTL.
  settings: { ...DEFAULT_SWEEP_SETTINGS, policies: { 'connect-redis': 'expire' }, pace: 'fast', jitterSeconds: 0, sampleEvery: 1 },
  now: Date.now,
  pause: async () => undefined,
  budgetMs: 20_000,
  ...change,
});

export const begin = (ports: SweepPorts, name: string, input: SweepInput = {}): Promise<Begun> =>
  createSweep(ports)(beginOf(name, input, ports.now())) as Promise<Begun>;

/** What the state machine sends first. */
export const beginOf = (name: string, input: SweepInput, executionStartedAtMs = Date.now()): BeginRequest => ({
  step: 'begin',
  input,
  executionArn: `arn:aws:states:eu-west-1:0:execution:sweep:${name}`,
  startTime: new Date(executionStartedAtMs).toISOString(),
});

/** One invocation for one unit. */
export const step = (ports: SweepPorts, begun: Pick<Begun, 'sweep' | 'shards'>, shard: string): Promise<ShardReply> =>
  createSweep(ports)({ step: 'sweepShard', ...begun, shard }) as Promise<ShardReply>;

/** One round: every unit to its end. */
export async function sweepRound(ports: SweepPorts, begun: Pick<Begun, 'sweep' | 'shards'>): Promise<void> {
  for (const shard of begun.shards) {
    let verdict = '';
    for (let turn = 0; verdict !== 'DONE' && turn < 100; turn += 1) ({ verdict } = await step(ports, begun, shard));
  }
}

export const checkSlots = (ports: SweepPorts, begun: Pick<SlotsReply, 'sweep' | 'shards' | 'waits'>): Promise<SlotsReply> =>
  createSweep(ports)({ step: 'checkSlots', ...begun }) as Promise<SlotsReply>;

/** Rounds until every slot is swept, then the report. @returns its summary, and the number of rounds */
export async function sweepToEnd(ports: SweepPorts, begun: Begun | SlotsReply) {
  let round: Begun | SlotsReply = begun;
  for (let rounds = 1; ; rounds += 1) {
    await sweepRound(ports, round);
    const reply = await checkSlots(ports, round);
    if (reply.verdict === 'DONE') return { rounds, summary: await createSweep(ports)({ step: 'report', ...reply }) };
    round = reply;
  }
}
