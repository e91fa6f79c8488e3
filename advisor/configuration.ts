/** The part of holdfast.config.json that follows from the advice, to merge into the user's own. Pure. */
import type { Strategy } from './matrix.ts';
import type { Situation } from './situation.ts';

/** Targets that a deploy keeps healthy while it rolls another one: `deploy.minimumHealthyTargets` of the configuration. */
const DEFAULT_MINIMUM_HEALTHY = 2;

export interface AdvisedConfiguration {
  readonly network?: object;
  readonly store?: { readonly replicas: number };
  readonly fleets: { readonly web: Readonly<Record<string, unknown>> };
}

/**
 * Servers with sessions in memory are listed one by one: the matrix does not recommend them where servers come and go, so
 * they are on premises. Their ids and addresses here are placeholders.
 */
export function advisedConfiguration({ servers, ha, pageState = false }: Situation, strategy: Strategy): AdvisedConfiguration {
  const others = servers - 1;
  const deploy = others < DEFAULT_MINIMUM_HEALTHY ? { deploy: { minimumHealthyTargets: others } } : {};
  if (strategy !== 'redis') {
    return {
      network: { existing: PLACEHOLDER_NETWORK },
      fleets: { web: { strategy, ...cluster(strategy, servers), members: 'ip', existing: { nodes: placeholders(servers) }, ...deploy } },
    };
  }
  return {
    ...(ha && { store: { replicas: 2 } }),
    fleets: { web: { strategy, ...(pageState && { stickiness: true }), minCapacity: servers, ...deploy } },
  };
}

/** Publishing writes the cluster, for which it has to know Tomcat. */
const cluster = (strategy: Strategy, servers: number): object =>
  strategy === 'tomcat-cluster' && servers >= 2 && servers <= 5 ? { app: { kind: 'tomcat', archive: 'target/tomcat.tar.gz' } } : {};

/** The VPC of the load balancer, connected to the premises; placeholders as well. */
const PLACEHOLDER_NETWORK = {
  vpcId: 'vpc-00000000000000000',
  webSubnetIds: ['subnet-00000000000000001', 'subnet-00000000000000002'],
  storeSubnetIds: ['subnet-00000000000000003', 'subnet-00000000000000004'],
};

const placeholders = (servers: number): object[] =>
  Array.from({ length: servers }, (_, index) => ({
    nodeId: `mi-${String(index + 1).padStart(17, '0')}`,
    ip: `10.0.0.${index + 1}`,
    port: 8080,
    availabilityZone: 'all',
  }));
