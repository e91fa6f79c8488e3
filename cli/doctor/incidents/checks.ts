import type { Check } from '../finding.ts';
import { checkIncidentAlarms } from './check-incident-alarms.ts';
import { checkReLoginPage } from './check-re-login-page.ts';
import { checkShownPages } from './check-shown-pages.ts';

/** Checks of the pages that the load balancer shows in an incident. */
export const PAGE_CHECKS: readonly Check[] = [checkShownPages, checkReLoginPage];

/** Checks of what starts and tends incidents. */
export const INCIDENT_CHECKS: readonly Check[] = [checkIncidentAlarms];
