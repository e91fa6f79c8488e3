/** What the commands find an installation by. */
import type { RecordKey } from '../records/records-table.ts';

/**
 * Increases whenever the input of a state machine or function that commands start changes, or a record that they read. Commands of
 * another contract change nothing in an installation.
 */
export const CONTRACT = 1;

/** Value of a part's SSM parameter, as JSON: it changes after the part's state machines and functions. */
export interface PartParameter {
  readonly contract: number;
  /** Version of Holdfast that deployed it. */
  readonly version: string;
}

/** Value of the installation's SSM parameter, as JSON: its stack is deployed before those that have the state machines. */
export interface InstallationParameter extends PartParameter {
  /** Where the resolved configuration is: a parameter holds 4 KB. */
  readonly configuration: RecordKey & { readonly table: string };
}

/** The record with the resolved configuration. */
export interface InstallationRecord {
  readonly contract: number;
  readonly version: string;
  /** JSON, as far as commands need it, with every default, and with the account. */
  readonly configuration: string;
}

/** What the template passes; CloudFormation turns every value into text. */
export interface RecordedProperties {
  readonly TableName: string;
  readonly Contract: string;
  readonly Version: string;
  readonly Configuration: string;
}
