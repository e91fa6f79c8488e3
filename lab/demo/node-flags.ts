/** A flag of the local cloud's own Node processes. A server's flags are in its contract's `start`; functions have Node's defaults. */

/**
 * A small new generation (MB), as Lambda and small machines have it. At Node's default of 16, short-lived objects occupy up to
 * 48 MB of each process before they are collected.
 */
export const SMALL_NEW_GENERATION = '--max-semi-space-size=4';
