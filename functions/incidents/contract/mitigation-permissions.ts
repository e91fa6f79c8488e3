/** The permissions of a mitigation, as its descriptor has them; infra knows the ARNs. */

/** The kind of resource that a permission is granted on. `*` is for a Describe call that AWS cannot limit to a resource. */
export type GrantedOn =
  | '*'
  | 'targetGroups'
  | 'autoScalingGroups'
  | 'fleetRecords'
  | 'deployMachines'
  | 'deployExecutions'
  | 'sweepMachine'
  | 'sweepExecutions'
  | 'listeners'
  /** Tags of a rule while it is created. */
  | 'newRules'
  /** Rules that have the tag of an incident. */
  | 'rulesOfIncidents'
  | 'replicationGroup'
  | 'parameterGroup';

export interface Grant {
  readonly on: GrantedOn;
  readonly actions: readonly string[];
}

export interface Permissions {
  /** What its plan reads. It is granted in every mode, because every mode shows the plan. */
  readonly reads: readonly Grant[];
  /** What it changes, and what it reads only right before that. It is granted unless the mode is `observe`. */
  readonly changes: readonly Grant[];
  /** What undoes it. It is granted in every mode: the mode can have been changed while the mitigation is in effect. */
  readonly undoes?: readonly Grant[];
}

export const grant = (on: GrantedOn, ...actions: string[]): Grant => ({ on, actions });
