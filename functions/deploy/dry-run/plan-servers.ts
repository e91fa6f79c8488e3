import type { AppContract } from '../../shared/app-contract.ts';
import { isMultiplexed } from '../../shared/aws/target-group.ts';
import { NO_RELEASE, UNKNOWN_RELEASE } from '../../shared/version.ts';
import { type FleetMember, servesUsers } from '../assess/fleet-members.ts';
import { offersCounts } from '../assess/preflight.ts';
import type { ServerSessions } from '../sessions/judge-routes.ts';
import type { PlannedServer } from './contract.ts';
import type { DryRunFacts } from './facts.ts';

type Drained = Pick<DryRunFacts, 'contracts' | 'protocolVersion' | 'drainRule' | 'sessions'> & {
  readonly deploy: { readonly settings: Pick<DryRunFacts['deploy']['settings'], 'drainSignal'> };
};

/** What shows when the requests of a server have ended; whether the kernel shows its connections only the drain itself finds out. */
export function drainOf({ version }: Pick<FleetMember, 'version'>, facts: Drained): PlannedServer['drain'] {
  const { drainSignal } = facts.deploy.settings;
  if (version === NO_RELEASE) return 'none';
  if (drainSignal === 'blind') return 'blind';
  const app: AppContract | undefined = facts.contracts.get(version);
  if (drainSignal !== 'kernel' && offersCounts(app)) return 'counts';
  return drainSignal === 'counts' || isMultiplexed(facts.protocolVersion) ? 'blind' : 'kernel';
}

/** Whether the deploy waits for the sessions of this server: it serves, and its release counts them, or the server itself does. */
export function waitsForSessions(member: FleetMember, { contracts, drainRule, sessions }: Drained): boolean {
  if (drainRule === undefined || !servesUsers(member)) return false;
  const seen = sessions.get(member.instanceId);
  return !seen?.placeholder && (seen?.count !== undefined || contracts.get(member.version)?.sessions !== undefined);
}

/** What is known of the sessions of each server that the deploy asks for them: those that serve, and are rolled. */
export const sessionsOf = (facts: DryRunFacts): readonly ServerSessions[] =>
  facts.toRoll.filter(servesUsers).map((member) => ({
    ...facts.sessions.get(member.instanceId),
    instanceId: member.instanceId,
    counts: waitsForSessions(member, facts),
    adopted: member.version === UNKNOWN_RELEASE,
  }));
