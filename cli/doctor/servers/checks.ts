import type { Check } from '../finding.ts';
import { checkAgents } from './check-agents.ts';
import { checkAutoScaling } from './check-auto-scaling.ts';
import { checkInstanceRole } from './check-instance-role.ts';
import { checkSecurityGroups } from './check-security-groups.ts';

/** Checks of servers. */
export const SERVER_CHECKS: readonly Check[] = [checkAutoScaling, checkAgents, checkInstanceRole, checkSecurityGroups];
