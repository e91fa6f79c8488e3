/** The event that reports how a deploy ended, for other EventBridge rules and, as a message, for the fleet's topic. */
import type { EndedAs, Phase, TaskError } from '../../records/types.ts';

/** On the default bus. */
export const FINISH_EVENT = { source: 'holdfast', detailType: 'Holdfast Deploy Finished' } as const;

/** Contains no secret and no session id. An event can come twice for one deploy: `deployId` identifies it. */
export interface FinishDetail {
  readonly deployId: string;
  /** Identifies the fleet and the installation, which share the bus with others. */
  readonly stateMachineArn: string;
  readonly executionArn: string;
  readonly fleet: string;
  readonly from: string;
  readonly to: string;
  /** Id of the instance that was restarted, with the release that it had: no release was deployed. */
  readonly restart?: string;
  readonly requestedBy: string;
  readonly status: 'SUCCEEDED' | EndedAs;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly durationSeconds: number;
  /** Each target's phase, by instance id. */
  readonly targets: Readonly<Record<string, Phase>>;
  readonly error?: TaskError;
  /** Whether every target that a failed deploy touched has its previous release again. */
  readonly rolledBack?: boolean;
  /** The state of the fleet after a deploy that failed, and what to run. */
  readonly outcome?: string;
  /** Sessions that servers still had when the wait for them ended. Absent of a deploy that did not wait for sessions. */
  readonly sessionsCutOff?: number;
  /** Requests that drains have cut, by the fleet's setting or an operator's word. Absent for none. */
  readonly requestsCut?: number;
  /** All of it in a sentence or two, without characters that would break a rule's quoted input template. */
  readonly text: string;
}
