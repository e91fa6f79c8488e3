import { END_DRAIN_ROLE, type EndDrainReply, type EndDrainStatement } from '../../functions/deploy/end-drain/contract.ts';
import type { DeployRecord, Phase } from '../../functions/records/types.ts';
import { counted } from '../../functions/shared/counted.ts';
import { functionName } from '../../functions/shared/naming.ts';
import type { Cloud } from '../cloud.ts';
import { commandFor } from '../command-options.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import type { ChangeOptions } from '../installation/announce-change.ts';
import { connectToChange } from '../installation/connect-to-installation.ts';
import { type OpenCloud, openStores } from '../open-stores.ts';
import type { Output } from '../output.ts';
import { sendSigned } from '../send-signed.ts';
import { findDeploy } from './find-deploy.ts';

export interface EndDrainOptions extends ChangeOptions {
  /** The only server for which the wait may end. */
  readonly server?: string;
}

/** Ends a deploy's wait for the sessions of a server. @throws CommandFailure as sendEndDrain does */
export async function endDrain(id: string, { server, ...options }: EndDrainOptions, output: Output): Promise<void> {
  const cloud = openStores(await connectToChange(options), 'records');
  output.at(cloud);
  const { deployId, reply } = await sendEndDrain(cloud, id, server);
  const { instanceId, requestedBy, sessionsLeft } = reply;
  const lost = sessionsLeft === undefined ? 'the sessions that it still has' : counted(sessionsLeft, 'session');
  output.result(
    { deploy: { deployId, instanceId, outcome: reply.outcome, requestedBy, ...(sessionsLeft !== undefined && { sessionsLeft }) } },
    () =>
      `Deploy ${deployId} goes on with ${instanceId} within half a minute, which ends ${lost}. Follow it with: ${commandFor(cloud, `deploys follow ${deployId}`)}`,
  );
}

export interface EndedDrain {
  readonly deployId: string;
  readonly reply: Exclude<EndDrainReply, { outcome: 'refused' }>;
}

/**
 * Ends a deploy's wait for the sessions of the server that it waits for. The console's button calls it too.
 * @param server the only one for which it may end @default the one that the deploy waits for now
 * @throws CommandFailure NoSessionDrain, NoSuchDeploy, AmbiguousDeploy, the function's refusals
 */
export async function sendEndDrain(cloud: OpenCloud<'records'>, id: string, server?: string): Promise<EndedDrain> {
  const record = await findDeploy(cloud, id);
  const { deployId } = record;
  const instanceId = waitedFor(cloud, record, server);
  const { installation, fleet } = cloud;
  const reply = await sendSigned<EndDrainReply>(cloud, {
    functionName: functionName(installation, fleet, END_DRAIN_ROLE),
    statement: { installation, fleet, deployId, instanceId } satisfies EndDrainStatement,
    failed: { code: 'EndDrainFailed', message: 'The wait is ended or not. Run the same command again: it ends nothing twice.' },
  });
  return { deployId, reply };
}

/** In these phases the deploy keeps a server in service for its sessions, or is about to. */
const WAITS_FOR_SESSIONS: ReadonlySet<Phase> = new Set(['pinning', 'sessionDrain']);

function waitedFor(cloud: Cloud, { deployId, to, status, targets }: DeployRecord, server: string | undefined): string {
  const [waiting] = Object.entries(targets).find(([, { phase }]) => status === 'RUNNING' && WAITS_FOR_SESSIONS.has(phase)) ?? [];
  if (waiting !== undefined && (server === undefined || server === waiting)) return waiting;
  const why =
    status !== 'RUNNING'
      ? `has already ended with ${status}`
      : waiting === undefined
        ? 'waits for no sessions now'
        : `waits for the sessions of ${waiting} now, and not of ${server}`;
  throw new CommandFailure(
    'NoSessionDrain',
    `Deploy ${deployId} of ${to} ${why}. Nothing was changed. See: ${commandFor(cloud, `deploys show ${deployId}`)}`,
    EXIT.badInput,
  );
}
