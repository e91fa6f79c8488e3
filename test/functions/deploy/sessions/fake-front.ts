/** The function that pins sessions, with a load balancer in memory. */
import { pinPattern } from '../../../../functions/deploy/sessions/pin-pattern.ts';
import { createSessions } from '../../../../functions/deploy/sessions/sessions.ts';
import type { DrainGroups } from '../../../../functions/shared/aws/drain-rule.ts';
import type { ListedRule } from '../../../../functions/shared/aws/listener-rule-list.ts';
import { beginDeploy, createClock, recordingLog, recordingMetrics, START_MS } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeTargetGroup } from '../../fakes/target-group.ts';

/** The pattern that pins the sessions of `i-1`. */
export const PATTERN = pinPattern('SID', 'i-1');

/** What a test reads and changes of the drain rule and both groups, and what happens while the function pauses. */
export interface FakeRule {
  pattern: string | undefined;
  rules: ListedRule[];
  groups: DrainGroups;
  changes: (string | undefined)[];
  refusal: Error | undefined;
  /** How long a change of the rule takes. */
  takesMs: number;
  onPause: () => void;
}

export type SessionsFront = Awaited<ReturnType<typeof createFront>>;

/** Deploy `d1` has begun, and nothing is pinned. */
export async function createFront() {
  const records = memoryRecords();
  const lease = await beginDeploy(records);
  const clock = createClock(START_MS + 5_000);
  const main = fakeTargetGroup({ 'i-1': 'healthy', 'i-2': 'healthy', 'i-3': 'healthy' });
  const drain = fakeTargetGroup();
  const metrics = recordingMetrics();
  const groups = { main: {}, drain: {}, attributes: {} };
  const rule: FakeRule = { pattern: undefined, rules: [], groups, changes: [], refusal: undefined, takesMs: 0, onPause: () => {} };
  const sessions = createSessions({
    records,
    targetGroup: main,
    drainGroup: drain,
    rule: {
      read: async () => rule.pattern,
      async pin(wanted, hold) {
        await hold?.();
        if (rule.refusal) throw rule.refusal;
        rule.changes.push(wanted);
        rule.pattern = wanted;
        clock.nowMs += rule.takesMs;
      },
      async release(hold) {
        await hold?.();
        rule.changes.push(undefined);
        rule.pattern = undefined;
        clock.nowMs += rule.takesMs;
      },
    },
    rules: async () => rule.rules,
    groups: async () => rule.groups,
    arns: { ruleArn: 'l/drain', drainTargetGroupArn: 'group', targetGroupArn: 'main' },
    metrics,
    log: recordingLog(),
    now: clock.now,
    polling: { pausesMs: [], pause: async () => rule.onPause() },
  });
  return { records, lease, clock, main, drain, metrics, rule, sessions };
}
