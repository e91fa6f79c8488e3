import type { GroupHook } from '../../../functions/shared/foreign-hooks.ts';

/** As CodeDeploy adds it to a deployment group's Auto Scaling group. @see https://github.com/LeanerCloud/AutoSpotting/issues/14 */
export const CODE_DEPLOY_HOOK: GroupHook = {
  name: 'CodeDeploy-managed-automatic-launch-deployment-hook-shop-0fa1',
  kind: 'launch',
  timeoutSeconds: 600,
  defaultResult: 'ABANDON',
};
