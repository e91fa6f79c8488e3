import type { TargetProgress } from './types.ts';

/**
 * Instances that started while a deploy ran and that it finished without: they took too long to start, or could not be rolled. By id,
 * with the reason.
 */
export function leftOutOf(targets: Readonly<Record<string, TargetProgress>>): readonly { instanceId: string; reason: string }[] {
  return Object.entries(targets)
    .filter(([, { newcomer, phase }]) => newcomer === true && (phase === 'failed' || phase === 'skipped'))
    .map(([instanceId, { detail = 'no reason is on record' }]) => ({ instanceId, reason: detail }));
}
