/** What the shop's parts are called. */
export const STACK = 'foreign-shop';
/** Servers on premises: the template knows their addresses, as it would. */
export const ON_PREMISES = ['192.168.40.11', '192.168.40.12', '192.168.40.13'] as const;
/** Port of each kind of servers on the load balancer; nobody serves on the open one yet. */
export const LISTENERS = { asg: 80, plain: 81, edge: 82, open: 83 } as const;
/** On the servers. */
export const SERVER_PORT = 8080;
/** The servers' own service. */
export const SERVICE = 'shop.service';

export const getAtt = (logicalId: string, attribute: string): object => ({ 'Fn::GetAtt': [logicalId, attribute] });
