import { recordKeys } from '../../functions/shared/naming.ts';

/**
 * Condition of a statement on the records table, which all fleets of an installation share: only this fleet's records.
 * Scan has no leading key and so would pass; no statement allows it.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
export const ownRecords = (fleet: string): Record<string, unknown> => leadingKeys(recordKeys.fleet(fleet).pk);

/** Of what is known of the store. */
export const storeRecords = (): Record<string, unknown> => leadingKeys(recordKeys.storeReading().pk);

/** What is known of the store, and the secret that its keys are hashed with. */
export const sweepRecords = (): Record<string, unknown> => leadingKeys(recordKeys.sweep('').pk, recordKeys.sweepSecret().pk);

/** A fleet's own, and what is known of the store that it shares: for those who look. */
export const visibleRecords = (fleet: string): Record<string, unknown> => leadingKeys(recordKeys.fleet(fleet).pk, recordKeys.sweep('').pk);

const leadingKeys = (...keys: string[]): Record<string, unknown> => ({ 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': keys } });
