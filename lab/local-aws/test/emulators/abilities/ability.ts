/** What an ability is, and what it is given. */

export interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
}

/** A place's clients, and what only the place knows. */
export interface PlaceConfig extends ClientConfig {
  /** Where a load balancer's listener answers, if that is not its port at the load balancer's DNS name. */
  listenerUrl?(loadBalancerArn: string, port: number): string | undefined;
}

export interface Ability {
  readonly service: string;
  readonly what: string;
  /** Rejects when the service cannot do it. */
  show(config: PlaceConfig): Promise<void>;
}
