import type { Check } from '../finding.ts';
import { checkStoreAccess } from './check-store-access.ts';
import { checkStoreAlarms } from './check-store-alarms.ts';
import { checkStoreChannels } from './check-store-channels.ts';
import { checkStoreSafety } from './check-store-safety.ts';

/** Checks of the store. */
export const STORE_CHECKS: readonly Check[] = [checkStoreAccess, checkStoreChannels, checkStoreSafety, checkStoreAlarms];
