import type { Registration, TargetGroup, TargetHealth } from '../../../functions/shared/aws/target-group.ts';

/**
 * A target group whose targets have the states that a test gives them, each with its reason after a comma; remembers the calls. One of
 * addresses does not take a target that drains.
 */
export function fakeTargetGroup(
  states: Record<string, string> = {},
  registrations: Record<string, readonly Registration[]> = {},
  ofAddresses = false,
): TargetGroup & { readonly states: Record<string, string>; readonly calls: string[] } {
  const calls: string[] = [];
  return {
    states,
    calls,
    ofAddresses,
    async register(instanceId, at, hold) {
      if (ofAddresses && states[instanceId] === 'draining') return { registered: false, why: `${instanceId} still drains` };
      await hold?.();
      calls.push(`register ${instanceId}${portsOf(at)}`);
      states[instanceId] = 'initial';
      return { registered: true };
    },
    async deregister(instanceId, at) {
      calls.push(`deregister ${instanceId}${portsOf(at)}`);
      if (ofAddresses) states[instanceId] = 'draining';
      else delete states[instanceId];
    },
    describeLoadBalancer: async () => undefined,
    registersWith: async () => [],
    describeProtocolVersion: async () => 'HTTP1',
    describeHealth: async () =>
      Object.entries(states).map(([instanceId, state]): TargetHealth => {
        const at = registrations[instanceId];
        const [word = '', detail] = state.split(/, (.*)/s);
        return { instanceId, state: word, ...(detail !== undefined && { detail }), ...(at && { registrations: at }) };
      }),
  };
}

/** ` at 8080, 8081`: what the test gave for the instance. */
const portsOf = (at: readonly Registration[] = []): string => (at.length > 0 ? ` at ${at.map(({ port }) => port).join(', ')}` : '');
