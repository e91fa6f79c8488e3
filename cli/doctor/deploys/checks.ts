import type { Check } from '../finding.ts';
import { checkAlarms } from './check-alarms.ts';
import { checkDocuments } from './check-document-versions.ts';
import { checkLock } from './check-lock.ts';
import { checkReleases } from './check-releases.ts';

/** Checks of what a deploy needs. */
export const DEPLOY_CHECKS: readonly Check[] = [checkReleases, checkDocuments, checkAlarms, checkLock];
