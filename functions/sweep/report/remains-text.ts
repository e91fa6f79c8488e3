import type { Remains } from '../contract/tally.ts';

/** What each kind is, for people. */
export const REMAINS_TEXT: Readonly<Record<Remains, string>> = {
  ended: 'logged out; the framework keeps them for some minutes',
  ghost: 'gone from the store, and written back in part by a server that has a copy: it answers them, other servers refuse them',
  partial: 'gone from the store, and written back in part by a late request: the framework cannot read them, so requests with them fail',
};
