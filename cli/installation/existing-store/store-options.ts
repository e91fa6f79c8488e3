/** What a person decides about a store that is there. */
import type { SignInOptions } from './choose-sign-in.ts';

/** In the place of a framework whose sessions are recognised by the prefix alone. */
export const OTHER_FRAMEWORK = 'other';

export interface StoreOptions extends SignInOptions {
  readonly installation?: string;
  readonly keyPrefix?: string;
  readonly framework?: string;
  /** Of the functions. @default those of the store's subnet group */
  readonly subnets?: readonly string[];
}
