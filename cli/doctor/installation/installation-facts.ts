/** What the fleets of an installation share. */
import type { Lookup } from '../lookup.ts';

/** What is looked up of the installation. */
export interface InstallationLookups {
  /** This machine's clock minus AWS's. */
  readonly clockSkewMs: Lookup<number>;
  /** Letters of the account's zones; not looked up for an existing network. */
  readonly zones: Lookup<readonly string[]>;
  /** Protection of the installation's last stack; not looked up for an ephemeral installation. */
  readonly terminationProtection: Lookup<boolean>;
  /** Deletion protection of the table; not looked up for an ephemeral installation. */
  readonly tableProtection: Lookup<boolean>;
}
