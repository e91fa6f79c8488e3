/** What checks conclude, before the catalogue adds why it matters. */
import { printable } from '../../shared/foreign-text.ts';
import type { CheckName, FindingName } from '../contract/findings.ts';
import { shownName } from '../http/cookie-jar.ts';

/**
 * `holds`: the check found what it should. `notChecked`: nothing was concluded. With `unclear` something got in the way,
 * otherwise the recipe, the policy or the options did not ask for it.
 */
export type Outcome =
  | { readonly is: 'holds'; readonly check: CheckName; readonly what: string }
  | { readonly is: 'finding'; readonly finding: FindingName; readonly what: string; readonly cookie?: string }
  | { readonly is: 'notice'; readonly check: CheckName; readonly what: string }
  | { readonly is: 'notChecked'; readonly check: CheckName; readonly what: string; readonly unclear?: boolean };

const LONGEST_WHAT = 600;
/** One line, whatever the site put into a header, a cookie's name or an address. */
const shown = (what: string): string => printable(what.slice(0, LONGEST_WHAT)).replaceAll('\n', ' ');

export const holds = (check: CheckName, what: string): Outcome => ({ is: 'holds', check, what: shown(what) });
/** @param cookie the one that has the weakness: each is a finding of its own */
export const found = (finding: FindingName, what: string, cookie?: string): Outcome => ({
  is: 'finding',
  finding,
  what: shown(what),
  ...(cookie !== undefined && { cookie: shownName(cookie) }),
});
export const notice = (check: CheckName, what: string): Outcome => ({ is: 'notice', check, what: shown(what) });
/** The recipe or the policy has not what the check needs, or the command was not asked for it. */
export const notAsked = (check: CheckName, what: string): Outcome => ({ is: 'notChecked', check, what: shown(what) });
export const unclear = (check: CheckName, what: string): Outcome => ({ is: 'notChecked', check, what: shown(what), unclear: true });
