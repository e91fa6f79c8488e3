/** What checks conclude, before the catalogue adds why it matters. */
import type { CheckName, FindingName } from './catalogue.ts';

/**
 * `holds`: the check found what it should. `notChecked`: nothing was concluded. With `unclear` something got in the way,
 * otherwise the recipe, the policy or the options did not ask for it.
 */
export type Outcome =
  | { readonly is: 'holds'; readonly check: CheckName; readonly what: string }
  | { readonly is: 'finding'; readonly finding: FindingName; readonly what: string }
  | { readonly is: 'notice'; readonly check: CheckName; readonly what: string }
  | { readonly is: 'notChecked'; readonly check: CheckName; readonly what: string; readonly unclear?: boolean };

export const holds = (check: CheckName, what: string): Outcome => ({ is: 'holds', check, what });
export const found = (finding: FindingName, what: string): Outcome => ({ is: 'finding', finding, what });
export const notice = (check: CheckName, what: string): Outcome => ({ is: 'notice', check, what });
/** The recipe or the policy has not what the check needs, or the command was not asked for it. */
export const notAsked = (check: CheckName, what: string): Outcome => ({ is: 'notChecked', check, what });
/** Something got in the way. */
export const unclear = (check: CheckName, what: string): Outcome => ({ is: 'notChecked', check, what, unclear: true });
