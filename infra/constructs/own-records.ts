import { recordKeys } from '../../functions/shared/naming.ts';

/**
 * Condition of a statement on the records table, which all fleets of an installation share: only this fleet's records.
 * Scan has no leading key and so would pass; no statement allows it.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
export const ownRecords = (fleet: string): Record<string, unknown> => ({
  'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [recordKeys.fleet(fleet).pk] },
});
