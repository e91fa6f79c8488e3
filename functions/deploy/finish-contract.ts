/** The event that says how a deploy ended, for EventBridge rules of others and for the topic of the fleet. */
import type { EndedAs, Phase, TaskError } from './contract.ts';

/** On the default bus. */
export const FINISH_EVENT = { source: 'holdfast', detailType: 'Holdfast Deploy Finished' } as const;

/** Carries no secret and no session id. An event may come twice for one deploy: `deployId` tells. */
export interface FinishDetail {
  readonly deployId: string;
  /** Tells fleets and installations apart, which share the bus. */
  readonly stateMachineArn: string;
  readonly executionArn: string;
  readonly fleet: string;
  readonly from: string;
  readonly to: string;
  readonly requestedBy: string;
  readonly status: 'SUCCEEDED' | EndedAs;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly durationSeconds: number;
  /** By instance id. */
  readonly targets: Readonly<Record<string, Phase>>;
  readonly error?: TaskError;
  /** Of a deploy that failed: whether every target that it touched has the release before again. */
  readonly rolledBack?: boolean;
  /** Of a deploy that failed: what state the fleet is in and what to run. */
  readonly outcome?: string;
  /** All of it in a sentence or two: what the topic says. */
  readonly text: string;
}
