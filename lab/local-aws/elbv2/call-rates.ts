import type { CallRate } from '../service/call-rates.ts';

/**
 * What Elastic Load Balancing gives an account in a Region: 40 calls that change nothing, and 10 more a second; of registrations 20 and 4.
 * CloudFormation and Auto Scaling have buckets of their own. The first line is in the guide; the second is what the AWS Load Balancer
 * Controller keeps to by default.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-throttling.html
 * @see https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/2809
 */
export const ELB_CALL_RATES: readonly CallRate[] = [
  { operations: ['Describe*'], burst: 40, perSecond: 10 },
  { operations: ['RegisterTargets', 'DeregisterTargets'], burst: 20, perSecond: 4 },
];
