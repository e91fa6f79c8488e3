/** What an access string surely does not allow Holdfast's functions. What it cannot show counts as allowed: a user that works is never refused. Pure. */

export interface AccessOfUser {
  readonly on: boolean;
  /** Why the functions cannot be this user: the rest of a sentence. */
  readonly unable?: string | undefined;
}

/** Redis 7 and Valkey have `%R~`; a pattern of asterisks alone matches every key. */
const ALL_KEYS = /^((%(r|rw|wr))?~\*+|allkeys)$/;

/** @see https://valkey.io/topics/acl/ the rules; those of a selector, in parentheses, are taken for the user's own */
export function accessOf(accessString: string): AccessOfUser {
  const rules = accessString.toLowerCase().split(/[\s()]+/);
  const on = rules.includes('on');
  if (!rules.some((rule) => ALL_KEYS.test(rule))) return { on, unable: 'its access string has neither %R~* nor ~*, which reads every key' };
  return { on, unable: mayScan(rules) ? undefined : 'its access string does not allow SCAN' };
}

/** What categories allow differs by version, so any of them may. */
const mayScan = (rules: readonly string[]): boolean =>
  !(rules.includes('-@all') || rules.includes('nocommands')) ||
  rules.some((rule) => rule === '+scan' || rule === 'allcommands' || rule.startsWith('+@'));
