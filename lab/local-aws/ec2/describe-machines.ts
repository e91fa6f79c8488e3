/** The local machines as EC2's API lists them. */
import type { MachineDescription } from '../instances/local-machine.ts';
import { LOCAL_ACCOUNT_ID } from '../local-account.ts';

export interface Ec2Machine
  extends Pick<
    MachineDescription,
    'instanceId' | 'imageId' | 'instanceType' | 'state' | 'privateIp' | 'availabilityZone' | 'subnetId' | 'tags' | 'launchedAtMs'
  > {
  /** Empty for those of the VPC's default group. */
  readonly securityGroupIds: readonly string[];
  readonly instanceProfileArn?: string;
}

/** EC2 does not know machines on premises. */
export function describeMachines(machines: readonly MachineDescription[]): readonly Ec2Machine[] {
  return machines
    .filter(({ instanceId }) => instanceId.startsWith('i-'))
    .map(
      ({
        instanceId,
        imageId,
        instanceType,
        state,
        privateIp,
        availabilityZone,
        subnetId,
        tags,
        launchedAtMs,
        securityGroupIds,
        instanceProfile,
      }) => ({
        ...{ instanceId, imageId, instanceType, state, privateIp, availabilityZone, subnetId, tags, launchedAtMs },
        securityGroupIds: securityGroupIds ?? [],
        ...(instanceProfile !== undefined && { instanceProfileArn: arnOf(instanceProfile) }),
      }),
    );
}

const arnOf = (nameOrArn: string): string =>
  nameOrArn.startsWith('arn:') ? nameOrArn : `arn:aws:iam::${LOCAL_ACCOUNT_ID}:instance-profile/${nameOrArn}`;
