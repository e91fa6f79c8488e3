/** What everything but its own code has to know of a mitigation: the form of an entry of DESCRIPTORS in mitigations.ts. */
/** A call as it is sent, for the report and --dry-run: no secret is a parameter of any. */
export interface ApiCall {
  readonly service: string;
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** On what a mitigation works. */
export interface MitigationTarget {
  readonly incidentId: string;
  readonly fleet?: string;
  readonly instanceId?: string;
  readonly deployId?: string;
  /** When the trouble began, in milliseconds since the epoch. */
  readonly firstSignMs?: number;
  /** The runbook's execution, which the lock's record names as its holder. */
  readonly executionArn?: string;
}

/** A permission of the mitigating function; infra knows the ARNs. */
export interface Grant {
  /** The kind of resource. `*` is for a Describe call that AWS cannot limit to a resource. */
  readonly on:
    | '*'
    | 'targetGroups'
    | 'deployExecutions'
    | 'sweepMachine'
    | 'sweepExecutions'
    | 'listeners'
    /** Tags of a rule while it is created. */
    | 'newRules'
    /** Rules that have the tag of an incident. */
    | 'rulesOfIncidents'
    | 'replicationGroup';
  readonly actions: readonly string[];
}

export interface Descriptor {
  /** What it does. docs/mitigations.md has this text, and a test compares both. */
  readonly effect: string;
  /** What has to hold, so that it is not refused. docs/mitigations.md has this text, and a test compares both. */
  readonly needs: string;
  /**
   * A mitigation of a fleet is decided for each fleet that the incident concerns, one of the store once for all of them.
   */
  readonly worksOn: 'fleet' | 'store';
  /** `auto` is refused for a mitigation that nothing can undo. */
  readonly undoable: boolean;
  /** What a person does who carries it out, as an order without a full stop. */
  readonly order: string;
  /** It can undo what somebody has done on purpose: it is carried out by itself only once CloudTrail can have named who. */
  readonly undoesPeople?: true;
  /** It waits for some minutes before it acts. */
  readonly waits?: true;
  /** The steps of its causes have a command for the same, which comes before it. */
  readonly isStep?: true;
  /** Only a mitigation that bridges an outage has it: why Holdfast undoes it before the incident closes, as the end of a sentence. */
  readonly overBecause?: string;
  /** Every mode has them: a person can ask for each. */
  readonly permissions: readonly Grant[];
  /** How long its result can take; a mitigation whose result takes longer is undone. */
  readonly verifyMs: number;
}
