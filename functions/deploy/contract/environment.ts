import { TARGET_GROUP_ENV } from '../../shared/aws/drain-rule-contract.ts';
import type { ExistingMember } from '../../shared/aws/target-group.ts';

/** Environment of the deploy's functions; each function gets only the names that its work needs. */
export const ENV = {
  releasesBucket: 'HOLDFAST_RELEASES_BUCKET',
  ...TARGET_GROUP_ENV,
  autoScalingGroupName: 'HOLDFAST_AUTO_SCALING_GROUP',
  /** Topic that receives the end of each deploy. */
  deploysTopicArn: 'HOLDFAST_DEPLOYS_TOPIC_ARN',
  /** {@link membersText}, for a fleet without an Auto Scaling group. */
  members: 'HOLDFAST_MEMBERS',
  deployStateMachineArn: 'HOLDFAST_DEPLOY_STATE_MACHINE_ARN',
  rollTargetStateMachineArn: 'HOLDFAST_ROLL_TARGET_STATE_MACHINE_ARN',
  cleanUpStateMachineArn: 'HOLDFAST_CLEAN_UP_STATE_MACHINE_ARN',
  launchStateMachineArn: 'HOLDFAST_LAUNCH_STATE_MACHINE_ARN',
  terminateStateMachineArn: 'HOLDFAST_TERMINATE_STATE_MACHINE_ARN',
  storeReplicas: 'HOLDFAST_STORE_REPLICAS',
  /** Name of the parameter with the list of the fleet's variables; absent without any. */
  environmentParameter: 'HOLDFAST_ENVIRONMENT_PARAMETER',
  /** `on` where deploys of the fleet have a session gate, else what they lack for it; absent without a canary. */
  sessionGate: 'HOLDFAST_SESSION_GATE',
  /** The deploy's check of the session store, with its alias. */
  storeCheckFunction: 'HOLDFAST_STORE_CHECK_FUNCTION',
} as const;

/** Value of {@link ENV.sessionGate}. */
export const GATE_ON = 'on';

/** `i-0123`, or `mi-0123=10.0.0.1:8080/all`: the target's address, and its zone where it has one. */
const MEMBER = /^(m?i-[0-9a-f]+)(?:=([0-9.]+):([0-9]{1,5})(?:\/([a-z0-9-]+))?)?$/;

/** The members as one text, which is empty without any: an environment holds 4 KB in all, and a hundred of them as JSON need more. */
export const membersText = (members: readonly ExistingMember[]): string =>
  members.map(({ instanceId, target }) => (target ? `${instanceId}=${addressText(target)}` : instanceId)).join(' ');

const addressText = ({ id, port, availabilityZone }: NonNullable<ExistingMember['target']>): string =>
  `${id}:${port}${availabilityZone ? `/${availabilityZone}` : ''}`;

/** @throws Error with the part that is no member */
export const parseMembers = (text: string): readonly ExistingMember[] =>
  text.split(' ').map((part) => {
    const [, instanceId, id, port, availabilityZone] = MEMBER.exec(part) ?? [];
    if (instanceId === undefined) throw new Error(`${JSON.stringify(part)} is not a member`);
    return { instanceId, ...(id !== undefined && { target: { id, port: Number(port), ...(availabilityZone && { availabilityZone }) } }) };
  });
