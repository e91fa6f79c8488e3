/** The permissions of a mitigation, as its descriptor has them; infra knows the ARNs. */

/** On what: resources of the installation, by what they are. `*`: a Describe call that knows no narrower resource. */
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
  /** For its plan, which is shown in every mode. */
  readonly reads: readonly Grant[];
  /** Only while its mode is another one than `observe`. */
  readonly changes: readonly Grant[];
  /** In every mode: what is in effect is undone also when the mode was changed meanwhile. */
  readonly undoes?: readonly Grant[];
}

export const grant = (on: GrantedOn, ...actions: string[]): Grant => ({ on, actions });
