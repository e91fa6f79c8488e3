import { TooFewHealthyTargets } from '../deploy/errors.ts';
import type { GroupServer } from '../shared/aws/group-servers.ts';
import { counted } from '../shared/texts.ts';
import { ReplacementFailed } from './errors.ts';

/** A member of the group, with its state at the load balancer and why it has to be replaced. */
export interface Member extends GroupServer {
  readonly health: string;
  /** Undefined for one that is current. */
  readonly why?: string | undefined;
}

export interface Choice {
  /** Members that this refresh has replaced or taken out: none is taken twice. */
  readonly taken: ReadonlySet<string>;
  /** Since when the refresh has only waited for servers that are starting; 0: not yet. */
  readonly waitingSinceMs: number;
  readonly nowMs: number;
  readonly minimumHealthyTargets: number;
  readonly newcomerTimeoutSeconds: number;
}

export type NextServer =
  | { readonly verdict: 'ROLL'; readonly member: Member }
  | { readonly verdict: 'WAIT'; readonly waitingSinceMs: number }
  | { readonly verdict: 'DONE' };

/**
 * The server to replace next: one that serves nobody first, then by id. While a member starts, none is taken out: the fleet
 * is whole before the next one goes.
 * @throws TooFewHealthyTargets when too few would stay healthy while it is out
 * @throws ReplacementFailed when a member has been starting for `newcomerTimeoutSeconds`
 */
export function chooseNext(members: readonly Member[], choice: Choice): NextServer {
  const starting = members.filter((member) => isStarting(member));
  if (starting.length > 0) return waitFor(starting, choice);
  const [next] = members
    .filter(({ instanceId, lifecycleState, why }) => lifecycleState === 'InService' && why !== undefined && !choice.taken.has(instanceId))
    .sort((a, b) => Number(a.health === 'healthy') - Number(b.health === 'healthy') || (a.instanceId < b.instanceId ? -1 : 1));
  if (!next) return { verdict: 'DONE' };
  const others = members.filter(({ instanceId, health }) => health === 'healthy' && instanceId !== next.instanceId).length;
  if (others >= choice.minimumHealthyTargets) return { verdict: 'ROLL', member: next };
  throw new TooFewHealthyTargets(
    `only ${counted(others, 'target')} would stay healthy while ${next.instanceId} is replaced, and minimumHealthyTargets is ${choice.minimumHealthyTargets}; add a server by raising the group's desired capacity, then refresh again`,
  );
}

/** On its way into service, or current and awaiting its first health check. */
const isStarting = ({ lifecycleState, health, why }: Member): boolean =>
  lifecycleState.startsWith('Pending') || (lifecycleState === 'InService' && health === 'initial' && why === undefined);

function waitFor(starting: readonly Member[], { waitingSinceMs, nowMs, newcomerTimeoutSeconds }: Choice): NextServer {
  const sinceMs = waitingSinceMs || nowMs;
  if (nowMs - sinceMs < newcomerTimeoutSeconds * 1000) return { verdict: 'WAIT', waitingSinceMs: sinceMs };
  const names = starting.map(({ instanceId }) => instanceId).join(', ');
  throw new ReplacementFailed(`still starting after ${newcomerTimeoutSeconds} s: ${names}`);
}
