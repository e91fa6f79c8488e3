import { z } from 'zod';
import { subnetId, vpcId } from './aws-names.ts';
import { createdOrNamed } from './created-or-named.ts';

const created = z.strictObject({
  /** Holds two subnets of 1,024 addresses a zone. */
  cidr: z
    .string()
    .regex(/^(\d{1,3}\.){3}\d{1,3}\/(1[6-9]|20)$/)
    .default('10.0.0.0/16'),
});

const named = z.strictObject({
  existing: z.strictObject({
    vpcId,
    /** Where load balancer and servers stand, where Holdfast makes them: at least two, in different zones. */
    webSubnetIds: z.array(subnetId).min(2),
    /** Where the store check runs, and the store itself where Holdfast makes it. Private subnets do. */
    storeSubnetIds: z.array(subnetId).min(2),
  }),
});

export const network = createdOrNamed(created, named, 'belongs to a created network, and network.existing names one that is there');
export type NamedNetwork = z.output<typeof named>['existing'];
