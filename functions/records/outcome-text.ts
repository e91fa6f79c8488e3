import { leftOutOf } from './left-out.ts';
import type { DeployRecord, Phase } from './types.ts';

/** `FAILED, rolled back`, `SUCCEEDED, without 1 server, with 2 warnings`; for a running deploy its stage. */
export function outcomeText({
  status,
  stage,
  rolledBack,
  targets,
  warnings,
}: Pick<DeployRecord, 'status' | 'stage' | 'rolledBack' | 'targets' | 'warnings'>): string {
  if (status === 'RUNNING') return `RUNNING, ${stage}`;
  if (status !== 'SUCCEEDED') return `${status}${rolledBack ? ', rolled back' : ''}`;
  const leftOut = leftOutOf(targets).length;
  return `SUCCEEDED${leftOut > 0 ? `, without ${leftOut} ${leftOut === 1 ? 'server' : 'servers'}` : ''}${warningWords(warnings)}`;
}

/** `, with 2 warnings`; empty without any. */
export const warningWords = (warnings: readonly string[] = []): string =>
  warnings.length === 0 ? '' : `, with ${warnings.length} ${warnings.length === 1 ? 'warning' : 'warnings'}`;

const PHASE_WORDS: Readonly<Partial<Record<Phase, string>>> = {
  preparing: 'being prepared',
  pinning: 'keeping its sessions',
  sessionDrain: 'waiting for its sessions',
  gating: 'in the health gate',
  rolledBack: 'rolled back',
};

/** A server's phase after a count of servers: `2 rolled back`. What still waits when its deploy has ended was not touched. */
export const phaseWords = (phase: Phase, status: DeployRecord['status']): string =>
  phase === 'waiting' && status !== 'RUNNING' ? 'not touched' : (PHASE_WORDS[phase] ?? phase);

/** `1.0.0 → 1.1.0`; of a restart the release that stays, and which server: `1.1.0, restart of i-0abc`. */
export const releaseText = ({ from, to, restart }: Pick<DeployRecord, 'from' | 'to' | 'restart'>): string =>
  restart === undefined ? `${from} → ${to}` : `${to}, restart of ${restart}`;
