/** What the commands find an installation by. */
import * as z from '../shared/schema.ts';

/** Increases with an input that commands send, or a record that they read. Commands of another contract change nothing. */
export const CONTRACT = 12;

/** Value of a part's SSM parameter, as JSON: it changes after the part's state machines and functions. Another version can add keys. */
export const partParameter = z.object({ contract: z.whole(0), version: z.matching(/^[0-9A-Za-z.+-]{1,64}$/) });
export type PartParameter = Readonly<z.infer<typeof partParameter>>;

/** Value of the installation's SSM parameter, as JSON: its stack is deployed before those that have the state machines. */
export const installationParameter = z.extend(partParameter, {
  /** Where the resolved configuration is: a parameter holds 4 KB. */
  configuration: z.object({ table: z.text(1, 255), pk: z.text(1, 255), sk: z.text(1, 255) }),
});
export type InstallationParameter = Readonly<z.infer<typeof installationParameter>>;

/** `configuration`: JSON, as far as commands need it, with every default, and with the account. */
export type InstallationRecord = { readonly contract: number; readonly version: string; readonly configuration: string };

/** What the template passes; CloudFormation turns every value into text. */
export interface RecordedProperties {
  readonly TableName: string;
  readonly Contract: string;
  readonly Version: string;
  readonly Configuration: string;
}
