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
