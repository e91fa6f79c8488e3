import type { WaitIdleOutput } from '../../instance/document-contract.ts';
import { blindDrainSeconds } from '../../instance/drain-times.ts';
import type { Records } from '../../records/records.ts';
import { counted } from '../../shared/counted.ts';
import { addWarnings } from '../add-warnings.ts';
import type { DeployContext } from '../contract/common.ts';
import type { Roll } from '../contract/roll.ts';
import { recordStep } from '../target-phases.ts';

/**
 * Records what a slice of a drain showed, and by which signal. A drain that turns out to be blind is one of the deploy's warnings:
 * once for each reason, since what one server does not show no other one does.
 */
export async function recordDrain(
  records: Records,
  deploy: DeployContext,
  roll: Roll,
  { placeholder, signal, inFlight, longLived, sessions, reason }: WaitIdleOutput,
): Promise<void> {
  if (placeholder || signal === 'sessions') return;
  const isNew = roll.drain?.reason !== reason;
  await recordStep(records, deploy, roll, {
    drainSignal: signal,
    ...(inFlight !== undefined && { inFlight }),
    ...(longLived !== undefined && { longLived }),
    ...(sessions !== undefined && roll.drain?.sessions === undefined && { sessions }),
    ...(isNew && { drainReason: reason ?? '' }),
  });
  if (signal === 'blind') await addWarnings(records, deploy, [blindWarning(deploy, reason)]);
}

/** Among the deploy's warnings: what the end of a drain cuts, and by whose word. */
export function cutWarning({ instanceId }: Roll, cut: number | 'unknown', endedBy: string | undefined): string {
  const what = cut === 'unknown' ? 'an unknown number of requests' : counted(cut, 'request');
  const why = endedBy === undefined ? ', older than itself, when its time was up (deploy.onDrainTimeout)' : `: ${endedBy} ended it`;
  return `The drain of ${instanceId} cut ${what}${why}.`;
}

function blindWarning({ settings }: DeployContext, reason = 'nothing shows its requests'): string {
  const { deregistrationDelaySeconds } = settings;
  return `A server is drained blind, for ${blindDrainSeconds(settings)} s: ${reason}. Requests that take longer than ${deregistrationDelaySeconds} s are cut.`;
}
