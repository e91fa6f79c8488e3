/** What the engine needs from the machines behind its instances. */

/** One instance to start, as its launch template and its group describe it. */
export interface MachineSpec {
  /** Base64, as a launch template carries it; empty when there is none. */
  readonly userData: string;
  readonly imageId: string;
  readonly instanceType: string;
  readonly availabilityZone: string;
  /** That of the group in this zone. */
  readonly subnetId?: string | undefined;
  /** Name or ARN of the instance profile; undefined for none. */
  readonly instanceProfile?: string | undefined;
  /** The template's, or those of its network interfaces. */
  readonly securityGroupIds?: readonly string[] | undefined;
  /** Tags of the launch template, of the group (PropagateAtLaunch) and `aws:autoscaling:groupName`. */
  readonly tags: Readonly<Record<string, string>>;
}

/** Starts and ends the machines behind instance ids. */
export interface Machines {
  /** Resolves when the machine exists, while its user data runs. Rejects when it cannot start; nothing is left behind then. */
  launch(spec: MachineSpec): Promise<{ readonly instanceId: string; readonly privateIp: string }>;
  /** Ending a machine that is gone already succeeds. */
  terminate(instanceId: string): Promise<void>;
  isRunning(instanceId: string): boolean;
}

/** A launch template's version, resolved: `version` may be a number, `$Latest` or `$Default`. */
export type LaunchTemplateLookup = (idOrName: string, version: string) => Promise<Omit<MachineSpec, 'availabilityZone'>>;
