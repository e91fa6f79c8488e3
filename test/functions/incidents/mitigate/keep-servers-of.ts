/** The mitigation that keeps Auto Scaling from replacing servers, on a group and records in memory. */
import type { Mitigation } from '../../../../functions/incidents/contract/mitigations.ts';
import type { ServerFacts } from '../../../../functions/incidents/contract/server-facts.ts';
import { createKeepServers, type KeepServersPorts } from '../../../../functions/incidents/mitigate/keep-servers.ts';
import { fakeAutoScalingGroup } from '../../fakes/auto-scaling.ts';
import { type SaidBy, saidBy } from './said-by.ts';

export const TARGET = { incidentId: 'inc-1', fleet: 'web', executionArn: 'arn:runbook' };
export const BOTH = ['HealthCheck', 'ReplaceUnhealthy'];

/** What is seen of the group, its servers and their health checks. */
export interface State {
  readonly unhealthy: Set<string>;
  healthCheckType: string;
  servers: ServerFacts[];
  asksStore: boolean | undefined;
  said: SaidBy;
}

export const stateAtFirst = (): State => ({
  unhealthy: new Set(['i-2']),
  healthCheckType: 'ELB',
  servers: ['i-1', 'i-2', 'i-4'].map((instanceId) => ({ instanceId, gate: false })),
  asksStore: true,
  said: { fleet: 'away', collector: 'away' },
});

export type Keeping = ReturnType<typeof keepServersOf>;

/** @param suspended by others */
export function keepServersOf(of: Pick<KeepServersPorts, 'records' | 'now'>, state: State, suspended: readonly string[] = []) {
  const plain = fakeAutoScalingGroup({ 'i-1': 'InService', 'i-2': 'InService', 'i-3': 'Terminating' }, suspended);
  const describe = plain.describe;
  const group = Object.assign(plain, {
    describe: async () => {
      const { members, suspendedProcesses } = await describe();
      const health = (instanceId: string) => (state.unhealthy.has(instanceId) ? 'Unhealthy' : 'Healthy');
      const { healthCheckType } = state;
      return { members: members.map((one) => ({ ...one, healthStatus: health(one.instanceId) })), suspendedProcesses, healthCheckType };
    },
    async markHealthy(instanceId: string) {
      plain.calls.push(`markHealthy ${instanceId}`);
      state.unhealthy.delete(instanceId);
    },
  });
  const keep = createKeepServers({
    ...of,
    fleets: {
      web: { targetGroupArn: 'tg', strategy: 'redis', expectedStickiness: { enabled: false }, autoScalingGroup: 'holdfast-web' },
      named: { targetGroupArn: 'tg', strategy: 'redis', expectedStickiness: { enabled: false } },
    },
    groupOf: () => group,
    readServers: async () => state.servers,
    asksStore: async () => state.asksStore,
    witnesses: saidBy(state.said, of.now),
    longestMs: 7_200_000,
  });
  return { group, keep: keep as Mitigation & Required<Pick<Mitigation, 'undo' | 'needed'>> };
}
