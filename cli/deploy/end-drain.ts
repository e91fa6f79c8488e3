import { END_DRAIN_ROLE, type EndDrainReply, type EndDrainStatement, WAITS } from '../../functions/deploy/end-drain/contract.ts';
import type { DeployRecord, TargetProgress } from '../../functions/records/types.ts';
import { functionName } from '../../functions/shared/naming.ts';
import { counted } from '../../functions/shared/texts.ts';
import { callFunction } from '../call-function.ts';
import type { Cloud } from '../cloud.ts';
import { commandFor } from '../command-options.ts';
import { canAsk, confirm } from '../confirm.ts';
import { badInput } from '../failure.ts';
import { type ChangeOptions, connectToChange } from '../installation/connect-to-installation.ts';
import { type OpenCloud, openStores } from '../open-stores.ts';
import type { Output } from '../output.ts';
import { findDeploy } from './follow-deploy.ts';

export interface EndDrainOptions extends ChangeOptions {
  /** The only server for which the wait may end. */
  readonly server?: string;
}

/** Ends a deploy's wait for the sessions or the requests of a server. @throws CommandFailure NotConfirmed, and as sendEndDrain does */
export async function endDrain(id: string, { server, ...options }: EndDrainOptions, output: Output): Promise<void> {
  const cloud = openStores(await connectToChange(options), 'records');
  output.at(cloud);
  const { deployId, reply } = await sendEndDrain(cloud, id, { server, cuts: (question) => agree(question, options) });
  const { outcome, instanceId, requestedBy, sessionsLeft, requestsLeft } = reply;
  const left =
    sessionsLeft !== undefined
      ? counted(sessionsLeft, 'session')
      : requestsLeft !== undefined
        ? counted(requestsLeft, 'request')
        : 'what it still has';
  const counts = { ...(sessionsLeft !== undefined && { sessionsLeft }), ...(requestsLeft !== undefined && { requestsLeft }) };
  output.result(
    { deploy: { deployId, instanceId, outcome, requestedBy, ...counts } },
    () =>
      `Deploy ${deployId} goes on with ${instanceId} within half a minute${requestsLeft === undefined ? '' : ', though not before its load balancer has stopped sending (a minute at most)'}, which ends ${left}. Follow it with: ${commandFor(cloud, `deploys follow ${deployId}`)}`,
  );
}

/** Requests are cut on somebody's word alone. */
async function agree(question: string, { yes }: ChangeOptions): Promise<void> {
  if (yes) return;
  if (canAsk()) return confirm(`${question} Go on?`);
  throw badInput('NotConfirmed', `${question} Nothing was changed. Use --yes where nobody can be asked.`);
}

export interface EndedDrain {
  readonly deployId: string;
  readonly reply: Exclude<EndDrainReply, { outcome: 'refused' }>;
}

export interface DrainToEnd {
  /** The only one for which it may end. @default the one that the deploy waits for now */
  readonly server?: string | undefined;
  /** Gets a sentence about what would be cut, and throws where it shall not be. @default only a wait for sessions is ended */
  readonly cuts?: (question: string) => Promise<void>;
}

/**
 * Ends a deploy's wait for the sessions or the requests of the server that it waits for. The console's button, which is about sessions, calls
 * it too.
 * @throws CommandFailure NoSessionDrain, NoSuchDeploy, AmbiguousDeploy, the function's refusals
 */
export async function sendEndDrain(cloud: OpenCloud<'records'>, id: string, { server, cuts }: DrainToEnd): Promise<EndedDrain> {
  const record = await findDeploy(cloud, id);
  const { deployId } = record;
  const { instanceId, target } = waitedFor(cloud, record, server, cuts !== undefined);
  const ends = target.phase === 'draining' ? 'requests' : 'sessions';
  if (ends === 'requests') {
    const { inFlight } = target;
    const has = inFlight === undefined ? 'whose requests nothing shows' : `which has ${counted(inFlight, 'request')} in flight`;
    await cuts?.(`Deploy ${deployId} drains ${instanceId}, ${has}. Ending the drain cuts what is left of them.`);
  }
  const { installation, fleet } = cloud;
  const reply = await callFunction<EndDrainReply>(cloud, {
    functionName: functionName(installation, fleet, END_DRAIN_ROLE),
    statement: { deployId, instanceId, ...(ends === 'requests' && { ends }) } satisfies Omit<EndDrainStatement, 'requestedBy'>,
    failed: { code: 'EndDrainFailed', message: 'The wait is ended or not. Run the same command again: it ends nothing twice.' },
  });
  return { deployId, reply };
}

function waitedFor(
  cloud: Cloud,
  { deployId, to, status, targets }: DeployRecord,
  server: string | undefined,
  withRequests: boolean,
): { readonly instanceId: string; readonly target: TargetProgress } {
  const phases: readonly string[] = [...WAITS.sessions, ...(withRequests ? WAITS.requests : [])];
  const waiting = status === 'RUNNING' ? Object.entries(targets).filter(([, { phase }]) => phases.includes(phase)) : [];
  const [found, ...others] = waiting.filter(([instanceId]) => server === undefined || instanceId === server);
  if (found !== undefined && others.length === 0) return { instanceId: found[0], target: found[1] };
  const names = waiting.map(([instanceId]) => instanceId).join(', ');
  const why =
    status !== 'RUNNING'
      ? `has already ended with ${status}`
      : names === ''
        ? `waits for no sessions now${withRequests ? ', and drains no server' : ''}`
        : found === undefined
          ? `waits for the sessions or requests of ${names} now, and not of ${server}`
          : `waits for several servers now (${names}): name one with --server`;
  throw badInput(
    'NoSessionDrain',
    `Deploy ${deployId} of ${to} ${why}. Nothing was changed. See: ${commandFor(cloud, `deploys show ${deployId}`)}`,
  );
}
