/** The state of a fleet at one moment, as far as the checks need it. */
import type { AlarmLookups } from './alarms/gather-alarms.ts';
import type { ClusterLookups } from './cluster/cluster-facts.ts';
import type { DeployLookups } from './deploys/deploy-facts.ts';
import type { IncidentLookups } from './incidents/incident-facts.ts';
import type { InstallationLookups } from './installation/installation-facts.ts';
import type { LoadBalancingLookups } from './load-balancing/load-balancing-facts.ts';
import type { ServerLookups } from './servers/server-facts.ts';
import type { StoreLookups } from './store/store-facts.ts';

export interface Facts
  extends LoadBalancingLookups,
    IncidentLookups,
    ServerLookups,
    StoreLookups,
    AlarmLookups,
    DeployLookups,
    ClusterLookups,
    InstallationLookups {
  readonly nowMs: number;
}
