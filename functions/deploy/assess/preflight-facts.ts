import type { VariablesSeen } from '../../instance/ask-servers.ts';
import type { ReleaseRecord } from '../../records/types.ts';
import type { Attributes } from '../../shared/aws/attributes-reader.ts';
import type { Agent } from '../../shared/aws/run-command.ts';
import type { GroupHook } from '../../shared/foreign-hooks.ts';
import type { ResolvedSettings } from '../settings/settings.ts';
import type { FleetMember } from './fleet-members.ts';
import type { AlarmStates } from './watch-alarms.ts';

/** What a deploy has read before it touches anything. */
export interface PreflightFacts {
  readonly version: string;
  readonly settings: ResolvedSettings;
  readonly recover: boolean;
  /** One server is restarted on purpose: what is wrong with the fleet is known. */
  readonly restarts: boolean;
  /** Undefined: the deploy does not stop after its first targets. */
  readonly pauseAfter: number | undefined;
  readonly members: readonly FleetMember[];
  /** Those that will be rolled, in order. */
  readonly toRoll: readonly FleetMember[];
  readonly reached: readonly Pick<FleetMember, 'instanceId' | 'zone' | 'unreachable'>[];
  /** Ids of the servers that commands are sent to. */
  readonly memberIds: readonly string[];
  /** Agents of these servers, as far as Systems Manager knows them. */
  readonly agents: readonly Agent[];
  /** Ids of the group's instances that do not run. */
  readonly stopped: readonly string[];
  /** States of the alarms that exist among those that the settings name. */
  readonly alarmStates: AlarmStates;
  /** The target group's. */
  readonly attributes: Attributes;
  readonly targetGroupArn: string;
  readonly protocolVersion: string | undefined;
  /** Its targets are addresses. */
  readonly ofAddresses: boolean | undefined;
  /** Every target group that has the fleet's servers: those of its Auto Scaling group, or those that listed servers are in. */
  readonly registeredWith: readonly string[];
  readonly groupName: string;
  readonly hooks: readonly GroupHook[];
  /** Releases that servers to be rolled have, and the deploy's own, as far as they are on record. */
  readonly contracts: ReadonlyMap<string, ReleaseRecord['app']>;
  /** What those that were asked answered on the fleet's variables; undefined for a fleet without any. */
  readonly variables: ReadonlyMap<string, VariablesSeen> | undefined;
  /** @default those to be rolled */
  readonly asked: readonly string[] | undefined;
  /** Of one server, as the last deploy took it; undefined without one. */
  readonly lastRollSeconds: number | undefined;
  /** Options of the AWS CLI that reach the fleet's cloud; absent in a deploy. */
  readonly awsOptions: string;
}
