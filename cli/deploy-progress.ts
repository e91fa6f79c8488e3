/** A deploy's record as lines for a terminal: one line a target, printed again when it changes. Pure. */
import type { DeployRecord, TargetProgress } from '../functions/shared/record-types.ts';

/** One line for a target: `i-0abc  draining 12 s, in flight 3`. */
export function targetLine(instanceId: string, target: TargetProgress, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - target.phaseStartedAtMs) / 1000));
  const words: Record<TargetProgress['phase'], string> = {
    waiting: 'waiting',
    draining: `draining ${seconds} s${target.inFlight === undefined ? '' : `, in flight ${target.inFlight}`}`,
    installing: 'installing',
    gating: `health gate, UP ${target.upInARow ?? 0} in a row`,
    registering: 'registering, waiting for the load balancer',
    baking: `baking ${seconds} s`,
    done: `done${target.finishedAtMs && target.startedAtMs ? ` in ${((target.finishedAtMs - target.startedAtMs) / 1000).toFixed(1)} s` : ''}`,
    failed: `failed${target.detail ? `: ${target.detail}` : ''}`,
    skipped: `skipped: has ${target.fromVersion} already`,
  };
  return `  ${instanceId}  ${words[target.phase]}`;
}

/** Lines that are new since `seen`: targets whose line changed, and the stage. */
export function progressLines(record: DeployRecord, seen: Map<string, string>, nowMs: number): string[] {
  const lines: string[] = [];
  const say = (key: string, line: string) => {
    if (seen.get(key) === line) return;
    seen.set(key, line);
    lines.push(line);
  };
  say('stage', `  ${record.stage}`);
  const targets = Object.entries(record.targets).sort(([, a], [, b]) => a.order - b.order);
  for (const [instanceId, target] of targets) {
    if (target.phase === 'waiting') continue;
    say(instanceId, targetLine(instanceId, target, nowMs));
  }
  return lines;
}
