/** What `npm test` does with the smoke on LocalStack. Pure. */

/** One deploy alone would take three minutes, and with the set-up four. */
const TOO_LONG = 'it takes a quarter of an hour: "npm run test:full" and "npm run test:localstack" run it';

/**
 * @param missing why LocalStack cannot be set up on this machine
 * @returns the line about a smoke that is skipped; undefined when it is to be run
 */
export function skippedLine(missing: string | undefined, full: boolean): string | undefined {
  const reason = missing ?? (full ? undefined : TOO_LONG);
  return reason === undefined ? undefined : `skipped: the smoke on LocalStack: ${reason}`;
}

export interface SuiteCounts {
  readonly passed: number;
  readonly failed: number;
}

/** Counts from the line that `npm run test:localstack -- --json` prints; one failure where it printed none. */
export function countsOf(printed: string): SuiteCounts {
  try {
    const { passed, failed } = JSON.parse(printed.trim().split('\n').at(-1) ?? '') as Partial<SuiteCounts>;
    if (typeof passed === 'number' && typeof failed === 'number') return { passed, failed };
  } catch {
    // Falls through: it ended before its result.
  }
  return { passed: 0, failed: 1 };
}
