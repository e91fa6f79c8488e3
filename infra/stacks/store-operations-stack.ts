import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { HoldfastConfig } from '../config.ts';
import type { Network, Part } from '../constructs/network.ts';
import type { StoreEndpoint } from '../constructs/store-endpoint.ts';
import { StoreSweeper } from '../constructs/store-sweeper.ts';
import type { ReleasesStack } from './releases-stack.ts';

export interface StoreOperationsStackProps extends StackProps {
  readonly config: HoldfastConfig;
  readonly network: Part<Network>;
  readonly store: Part<StoreEndpoint>;
  readonly releases: ReleasesStack;
}

/** What keeps the session store of an installation in order, be it made or named. */
export class StoreOperationsStack extends Stack {
  constructor(scope: Construct, id: string, props: StoreOperationsStackProps) {
    super(scope, id, props);
    const { config, releases } = props;
    new StoreSweeper(this, 'Sweep', { config, network: props.network(this), store: props.store(this), releases });
  }
}
