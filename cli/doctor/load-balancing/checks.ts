import type { Check } from '../finding.ts';
import { checkCertificates } from './check-certificates.ts';
import { checkHealthPath } from './check-health-path.ts';
import { checkKeepAlive } from './check-keep-alive.ts';
import { checkLimits } from './check-limits.ts';
import { checkListeners } from './check-listeners.ts';
import { checkStickiness } from './check-stickiness.ts';
import { checkTargetGroup } from './check-target-group.ts';

/** Checks of what requests meet first. */
export const FRONT_CHECKS: readonly Check[] = [checkListeners, checkCertificates, checkLimits];

/** Checks of where requests go next. */
export const TARGET_GROUP_CHECKS: readonly Check[] = [checkTargetGroup, checkStickiness, checkHealthPath, checkKeepAlive];
