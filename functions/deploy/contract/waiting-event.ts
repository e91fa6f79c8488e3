/** The event that reports that a deploy waits to be continued, for other EventBridge rules and, as a message, for the fleet's topic. */

/** On the default bus, with the source of the finished event. */
export const WAITING_EVENT = { source: 'holdfast', detailType: 'Holdfast Deploy Waiting' } as const;

/** Contains no secret and no session id. An event can come twice for one deploy: `deployId` identifies it. */
export interface WaitingDetail {
  readonly deployId: string;
  /** Identifies the fleet and the installation, which share the bus with others. */
  readonly stateMachineArn: string;
  readonly executionArn: string;
  readonly fleet: string;
  readonly from: string;
  readonly to: string;
  readonly requestedBy: string;
  /** Ids of the instances that have the release. */
  readonly done: readonly string[];
  /** The number of servers that the deploy rolls, those included. */
  readonly servers: number;
  /** ISO 8601. */
  readonly waitingSince: string;
  /** When it rolls back unless it is continued. ISO 8601. */
  readonly waitsUntil: string;
  readonly continueCommand: string;
  readonly rejectCommand: string;
  /** All of it in a sentence or two, without characters that would break a rule's quoted input template. */
  readonly text: string;
}
