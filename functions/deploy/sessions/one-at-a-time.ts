import type { ResolvedSettings } from '../settings/settings.ts';

/** Why several servers at once cannot be rolled where sessions are kept on their server; undefined for one at a time. */
export const unfitParallel = ({ maxParallel }: Pick<ResolvedSettings, 'maxParallel'>): string | undefined =>
  maxParallel === 1
    ? undefined
    : 'one listener rule keeps the sessions of one server on it while they end: set deploy.maxParallel to 1, or, once no deploy runs, deploy.sessionDrainSeconds to 0. Nothing was changed';
