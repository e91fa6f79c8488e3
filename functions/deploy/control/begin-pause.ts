import { holdLease } from '../../records/hold-lease.ts';
import type { Records } from '../../records/records.ts';
import type { Lease } from '../../records/types.ts';
import { LOG_EVENTS } from '../../shared/log-events.ts';
import { addWarnings } from '../add-warnings.ts';
import type { DeployContext } from '../contract/common.ts';
import { WAITING_EVENT } from '../contract/waiting-event.ts';
import { doneOf, pauseEndsAtMs } from '../pause/decide-pause.ts';
import { waitingOf } from '../pause/pause-text.ts';
import { describeWaiting, describeWaitingMessage } from './describe-waiting.ts';
import { type PublishPorts, publishBoth } from './publish-both.ts';

export interface BeginPausePorts extends PublishPorts {
  readonly records: Pick<Records, 'renewLease' | 'getDeploy' | 'updateDeploy' | 'beginPause'>;
  readonly now: () => number;
}

const UNPUBLISHED =
  'The event or the message that this deploy waits to be continued could not be sent: possibly nobody knows of it. The log of the control function has the reason (deploy.eventNotSent).';

/**
 * The deploy waits to be continued from now on, and says so. A step that is delivered again leaves the time at which the wait began, and
 * publishes again where the deploy still waits: the first delivery can have ended before it did.
 */
export async function beginPause(ports: BeginPausePorts, deploy: DeployContext, lease: Lease): Promise<Lease> {
  const { records, log, now } = ports;
  const { fleet, deployId, pauseAfter = 0, settings } = deploy;
  const held = await holdLease(records, deploy, lease, now());
  const { targets = {} } = (await records.getDeploy(fleet, deployId)) ?? {};
  const startedAtMs = now();
  // Fewer where the others have left before.
  const after = Math.min(pauseAfter, doneOf(targets).length);
  await records.beginPause(fleet, deployId, { after, startedAtMs, endsAtMs: pauseEndsAtMs(startedAtMs, settings) });
  log.info(LOG_EVENTS.deployPaused, { deployId });
  const isPublished = await publishBoth(ports, deployId, async () => {
    const record = await records.getDeploy(fleet, deployId);
    const waiting = record && waitingOf(record);
    if (!record || !waiting) return undefined;
    const detail = describeWaiting(record, waiting);
    return { event: { ...WAITING_EVENT, resources: [record.executionArn], detail }, message: describeWaitingMessage(detail) };
  });
  if (!isPublished) await addWarnings(records, deploy, [UNPUBLISHED]);
  return held;
}
