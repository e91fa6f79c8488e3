import type { HoldfastConfig } from '../../config.ts';
import type { ReleasesStack } from '../../stacks/releases-stack.ts';
import type { WebTierStack } from '../../stacks/web-tier-stack.ts';
import type { Network } from '../network.ts';
import type { StoreEndpoint } from '../store/store-endpoint.ts';

/** What the functions of incidents are made from. */
export interface IncidentParts {
  readonly config: HoldfastConfig;
  readonly releases: ReleasesStack;
  readonly network: Network;
  readonly store: StoreEndpoint;
  /** Web tiers by their fleets. */
  readonly webTiers: Readonly<Record<string, WebTierStack>>;
  readonly collectEnvironment: Readonly<Record<string, string>>;
}
