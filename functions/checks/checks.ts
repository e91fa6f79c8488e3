/** Whether something fits, as one list: what every house asks, with its sources. Adding a check is one entry in one of these files. */
import { DEPLOY_CHECKS } from '../deploy/dry-run/checks.ts';
import type { Check } from '../shared/check.ts';
import type { Facts } from './facts.ts';
import { FRONT } from './front.ts';
import { RELEASES } from './releases.ts';
import { SERVERS } from './servers.ts';
import { SESSIONS } from './sessions.ts';
import { STORE } from './store.ts';
import { TARGET_GROUP } from './target-group.ts';
import { ALARMS, DEPLOY_ALARMS, INSTALLATION } from './watching.ts';

/** In the order of a request: load balancer, target group, servers, store; then what incidents and deploys need. */
export const CHECKS: readonly Check<Facts>[] = [
  ...[...FRONT, ...TARGET_GROUP, ...SERVERS, ...SESSIONS, ...STORE, ...ALARMS, ...RELEASES],
  ...DEPLOY_CHECKS,
  ...[DEPLOY_ALARMS, ...INSTALLATION],
];
