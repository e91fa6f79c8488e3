/** Environment of functions that read or write a fleet's records. */
export const RECORDS_ENV = {
  fleet: 'HOLDFAST_FLEET',
  recordsTable: 'HOLDFAST_RECORDS_TABLE',
} as const;
