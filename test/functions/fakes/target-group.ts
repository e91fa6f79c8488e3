import type { TargetGroup, TargetHealth } from '../../../functions/shared/target-group.ts';

/** A target group whose targets have the states that a test gives them; remembers the calls. */
export function fakeTargetGroup(
  states: Record<string, string> = {},
): TargetGroup & { readonly states: Record<string, string>; readonly calls: string[] } {
  const calls: string[] = [];
  return {
    states,
    calls,
    async register(instanceId) {
      calls.push(`register ${instanceId}`);
      states[instanceId] = 'initial';
    },
    async deregister(instanceId) {
      calls.push(`deregister ${instanceId}`);
      delete states[instanceId];
    },
    describeHealth: async () => Object.entries(states).map(([instanceId, state]): TargetHealth => ({ instanceId, state })),
  };
}
