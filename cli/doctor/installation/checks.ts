import type { Check } from '../finding.ts';
import { checkClock } from './check-clock.ts';
import { checkProtection } from './check-protection.ts';

/** Checks of the installation. */
export const INSTALLATION_CHECKS: readonly Check[] = [checkClock, checkProtection];
