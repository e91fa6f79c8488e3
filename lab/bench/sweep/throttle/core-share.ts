/** How much of a core Lambda gives to a function. Pure. */

/** @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const MEGABYTES_OF_ONE_CORE = 1_769;

/**
 * A function that uses up its share waits for the next period. Measured on Lambda by others: pauses end at multiples of 20 ms.
 * @see https://github.com/pwrdrvr/lambda-throttling
 */
export const PERIOD_MS = 20;

/** From 0; above 1 for more than one core. */
export const coreShareOf = (memoryMegabytes: number): number => memoryMegabytes / MEGABYTES_OF_ONE_CORE;
