/** What the load balancer counts in a minute. */
export interface FrontCounts {
  /** Of the target group: those for which a target was chosen. */
  requests: number;
  target2xx: number;
  target3xx: number;
  target4xx: number;
  target5xx: number;
  connectionErrors: number;
  unhealthy: number;
  /** Of the whole load balancer. */
  elb3xx: number;
  elb4xx: number;
  elb5xx: number;
  /** Of these: a target was chosen, and closed the connection or was too slow. */
  elb502: number;
  elb504: number;
  authErrors: number;
  authSuccesses: number;
}

export const noCounts = (): FrontCounts => ({
  ...{ requests: 0, target2xx: 0, target3xx: 0, target4xx: 0, target5xx: 0, connectionErrors: 0, unhealthy: 0 },
  ...{ elb3xx: 0, elb4xx: 0, elb5xx: 0, elb502: 0, elb504: 0, authErrors: 0, authSuccesses: 0 },
});
