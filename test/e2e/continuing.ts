import { randomUUID } from 'node:crypto';
import { cloud } from './fleet.ts';
import { asked } from './hold-fleet.ts';
import { FORGOTTEN_EXECUTION } from './open-deploy.ts';

/** Has a deploy on record that waits to be continued, since the subject's has ended by then; and states that somebody continues it. */
export async function continuing(): Promise<object> {
  const { records } = await cloud();
  const deployId = `waiting-${randomUUID()}`;
  const record = { deployId, executionArn: FORGOTTEN_EXECUTION, fleet: 'web', from: '1', to: '2', requestedBy: 'test', startedAtMs: 1 };
  await records.createDeploy({ ...record, status: 'RUNNING', stage: 'rolling', targets: {} });
  const startedAtMs = Date.now();
  await records.beginPause('web', deployId, { after: 1, startedAtMs, endsAtMs: startedAtMs + 3_600_000 });
  return { deployId, requestedBy: 'test' };
}

/** The same once somebody has continued it, which shows that the function can. */
export async function continued(): Promise<object> {
  await asked('deploy-continue', await continuing());
  return continuing();
}
