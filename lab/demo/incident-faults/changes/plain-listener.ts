/** The load balancer's HTTP listener, which answers users instead of redirecting them to HTTPS. */
import {
  type Action,
  DescribeListenersCommand,
  DescribeTargetGroupsCommand,
  type ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { CannotSet, type Changer } from '../contract.ts';

/** @param name of the fleet's target group */
export function plainListenerChanger(client: ElasticLoadBalancingV2Client, name: string): Changer<'plainListener'> {
  const describe = async () => {
    const { TargetGroups } = await client.send(new DescribeTargetGroupsCommand({ Names: [name] }));
    const { TargetGroupArn, LoadBalancerArns = [] } = TargetGroups?.[0] ?? {};
    const { Listeners = [] } = await client.send(new DescribeListenersCommand({ LoadBalancerArn: LoadBalancerArns[0] }));
    return { TargetGroupArn, listener: Listeners.find(({ Protocol }) => Protocol === 'HTTP') };
  };
  const set = (ListenerArn: string, DefaultActions: Action[]) => client.send(new ModifyListenerCommand({ ListenerArn, DefaultActions }));
  return {
    async prepare() {
      const { listener } = await describe();
      if (!listener?.ListenerArn) throw new CannotSet('the load balancer has no HTTP listener; nothing was changed');
      return { listenerArn: listener.ListenerArn, actions: (listener.DefaultActions ?? []).map(withoutEmpty) };
    },
    async apply(_change, before) {
      const { TargetGroupArn } = await describe();
      await set(before.listenerArn, [{ Type: 'forward', TargetGroupArn }]);
      return before;
    },
    async restore({ listenerArn, actions }) {
      await set(listenerArn, actions as Action[]);
    },
  };
}

/** An action as the API returned it, without the empty fields that it would refuse in a request. */
const withoutEmpty = (action: Action): object => Object.fromEntries(Object.entries(action).filter(([, value]) => value !== undefined));
