import type { Registration, TargetGroup, TargetHealth } from '../../../functions/shared/aws/target-group.ts';

/** A target group whose targets have the states that a test gives them, each with its reason after a comma; remembers the calls. */
export function fakeTargetGroup(
  states: Record<string, string> = {},
  registrations: Record<string, readonly Registration[]> = {},
): TargetGroup & { readonly states: Record<string, string>; readonly calls: string[] } {
  const calls: string[] = [];
  return {
    states,
    calls,
    async register(instanceId, at) {
      calls.push(`register ${instanceId}${portsOf(at)}`);
      states[instanceId] = 'initial';
    },
    async deregister(instanceId, at) {
      calls.push(`deregister ${instanceId}${portsOf(at)}`);
      delete states[instanceId];
    },
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
