/** Environment of functions that call the target group. */
export const TARGET_GROUP_ENV = { targetGroupArn: 'HOLDFAST_TARGET_GROUP_ARN' } as const;
