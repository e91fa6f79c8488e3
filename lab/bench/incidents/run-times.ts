/** Where a run spends its time: each step and each source of evidence, in seconds since the alarm. */
import { GetExecutionHistoryCommand, type HistoryEvent, type SFNClient } from '@aws-sdk/client-sfn';
import type { CollectReply } from '../../../functions/incidents/contract/steps.ts';

export type RunTimes = Readonly<Record<string, readonly [from: number, to: number]>>;

const STEPS = ['Open', 'Collect', 'Classify', 'Decide', 'Report'];

/** @param sinceMs when the alarm fired */
export async function readRunTimes(stepFunctions: SFNClient, executionArn: string, sinceMs: number): Promise<RunTimes> {
  const { events = [] } = await stepFunctions.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1_000 }));
  return timesOf(events, sinceMs);
}

/** Pure. */
export function timesOf(events: readonly HistoryEvent[], sinceMs: number): RunTimes {
  const seconds = (atMs: number) => Math.round((atMs - sinceMs) / 100) / 10;
  const times: Record<string, readonly [number, number]> = { start: [0, seconds(Number(events[0]?.timestamp))] };
  const entered = new Map<string, number>();
  for (const { timestamp, stateEnteredEventDetails, stateExitedEventDetails } of events) {
    const name = stateEnteredEventDetails?.name ?? stateExitedEventDetails?.name;
    if (name === undefined || !STEPS.includes(name)) continue;
    if (stateEnteredEventDetails) entered.set(name, Number(timestamp));
    else times[name] = [seconds(entered.get(name) ?? 0), seconds(Number(timestamp))];
    const { collected = [] } = JSON.parse(stateExitedEventDetails?.output ?? '{}') as { readonly collected?: readonly CollectReply[] };
    for (const { source, beganAtMs, endedAtMs } of name === 'Collect' ? collected : [])
      if (beganAtMs !== undefined && endedAtMs !== undefined) times[source] = [seconds(beganAtMs), seconds(endedAtMs)];
  }
  return times;
}
