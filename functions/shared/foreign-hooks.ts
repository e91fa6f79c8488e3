/** Lifecycle hooks that other tools have in a fleet's Auto Scaling group: each holds a server as Holdfast's own do. Pure. */

/** Names of the hooks that hold an instance for the machines. */
export const LIFECYCLE_HOOKS = { launch: 'install-current-release', terminate: 'wait-until-idle' } as const;
export type LifecycleKind = keyof typeof LIFECYCLE_HOOKS;

/** What starts a machine: an event of Auto Scaling, or the reconciler, which knows no token. */
export interface LifecycleStart {
  readonly detail: {
    readonly AutoScalingGroupName: string;
    readonly LifecycleHookName: string;
    /** Empty: the action is found by its instance. */
    readonly LifecycleActionToken: string;
    readonly EC2InstanceId: string;
  };
}

export interface GroupHook {
  readonly name: string;
  readonly kind: LifecycleKind;
  /** How long an instance waits in it without a heartbeat. */
  readonly timeoutSeconds: number;
  readonly defaultResult: 'CONTINUE' | 'ABANDON';
}

/** CodeDeploy adds one to a deployment group's Auto Scaling groups, and leaves it where the deployment group goes another way than by CodeDeploy. */
const CODE_DEPLOY = 'CodeDeploy-managed-automatic-';

const OWN: readonly string[] = Object.values(LIFECYCLE_HOOKS);

export const foreignHooks = (hooks: readonly GroupHook[], kind: LifecycleKind): readonly GroupHook[] =>
  hooks.filter((hook) => hook.kind === kind && !OWN.includes(hook.name));

/** What a foreign hook does to a server, without a full stop. */
export function describeForeignHook({ name, kind, timeoutSeconds, defaultResult }: GroupHook): string {
  const what = `lifecycle hook ${name} is ${name.startsWith(CODE_DEPLOY) ? "CodeDeploy's" : "not Holdfast's"}`;
  if (kind === 'terminate') return `${what}: each server that terminates waits in it until it is completed, or for ${timeoutSeconds} s`;
  const after = defaultResult === 'ABANDON' ? 'is then replaced' : 'then serves';
  return `${what}: each new server waits in it until it is completed, or for ${timeoutSeconds} s, and ${after}`;
}

/** The repair, without a full stop. */
export const removeForeignHook = (group: string, { name }: GroupHook, awsOptions: string): string =>
  `keep it only if its tool completes it for each server; otherwise run aws autoscaling delete-lifecycle-hook --auto-scaling-group-name ${group} --lifecycle-hook-name ${name} ${awsOptions}`.trimEnd();
