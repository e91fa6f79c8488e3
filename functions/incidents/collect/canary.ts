import type { Collector } from '../contract/collect.ts';

/** Sessions that are kept alive from outside. Holdfast does not run any yet. */
export const canary: Collector<'canary'> = async () => ({ gap: 'no canary keeps sessions alive from outside' });
