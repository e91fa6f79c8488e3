/** What incidents of a fleet show. */
import type { Lookup } from '../lookup.ts';

/** A rule that shows a page of this fleet, by its tags. */
export interface ShownPage {
  readonly ruleArn: string;
  readonly priority: number;
  readonly incidentId: string;
  /** Its incident shows the page now, as the records have it. */
  readonly isHeld: boolean;
}

/** What is looked up of incidents. */
export interface IncidentLookups {
  /** Re-login pages that users of the fleet get now. */
  readonly shownPages: Lookup<readonly ShownPage[]>;
}
