/** What everything but its own code has to know of a mitigation: the form of an entry of DESCRIPTORS in mitigations.ts. */
import type { Permissions } from './mitigation-permissions.ts';

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

/** Writes commands of the AWS CLI that reach the installation again; undefined for what no command can do there. */
export interface AwsCli {
  readonly call: (call: ApiCall) => string | undefined;
  /** @param words what follows `aws` */
  readonly command: (words: string) => string | undefined;
  /** The text as one word of a shell. */
  readonly quoted: (text: string) => string;
}

/** The end of a mitigation that bridges the time until an outage is over. */
export interface TemporaryEnd {
  /** Why Holdfast undoes it, as the end of a sentence, for the record and the report. */
  readonly overBecause: string;
  /** When a person who has carried it out by hand ends it, as a clause. */
  readonly byHandOnce: string;
  /** The command that ends what one of its calls began; undefined for a call that leaves nothing to end. */
  readonly endByHand: (call: ApiCall, cli: AwsCli) => string | undefined;
}

export interface Descriptor {
  /** What it does. docs/mitigations.md has this text, and a test compares both. */
  readonly effect: string;
  /** What has to hold, so that it is not refused. docs/mitigations.md has this text, and a test compares both. */
  readonly needs: string;
  /**
   * A mitigation of a fleet is decided for each fleet that the incident concerns, one of the store once for all of them. One of a server
   * changes only the server that the finding names, so that what this server reports about itself is enough to decide about it.
   */
  readonly worksOn: 'fleet' | 'server' | 'store';
  /** `auto` is refused for a mitigation that nothing can undo. */
  readonly undoable: boolean;
  /** What a person does who carries it out, as an order without a full stop. */
  readonly order: string;
  /** It can undo what somebody has done on purpose: it is carried out by itself only once CloudTrail can have named who. */
  readonly undoesPeople?: true;
  /** It waits for some minutes before it acts. */
  readonly waits?: true;
  /** Why a person always decides, although its change can be undone, as the end of a sentence. */
  readonly lasting?: string;
  /** Only a mitigation that bridges an outage has it: Holdfast undoes it when the outage is over, before the incident closes. */
  readonly temporary?: TemporaryEnd;
  readonly permissions: Permissions;
  /** How long its result can take; a mitigation whose result takes longer is undone. */
  readonly verifyMs: number;
  /**
   * Holdfast's own commands for it, which check more than the calls alone, and follow what they start. They are empty where the steps
   * of its causes have them.
   * @param options reach the fleet again
   * @default its calls, as commands of the AWS CLI
   */
  readonly byHand?: (options: string, target: MitigationTarget) => readonly string[];
}
