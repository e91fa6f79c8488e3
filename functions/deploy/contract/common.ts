/** The context that every step of a deploy receives. Times are in seconds unless a name states another unit. */
import type { DocumentVersions } from '../../instance/document-contract.ts';
import type { Expected, ResolvedSettings } from '../settings/settings.ts';

/** Carried through the whole deploy, from Validate on. */
export interface DeployContext {
  /** The execution's name. */
  readonly deployId: string;
  readonly executionArn: string;
  readonly fleet: string;
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
  readonly requestedBy: string;
  readonly recover: boolean;
  /** `recover` covers servers that are out of service, and no users' sessions: nobody has asked to end those. */
  readonly keepsSessions?: true;
  /** The one instance that is restarted, with the release that it has: nothing else of the fleet or its records changes. */
  readonly restart?: string;
  /** The number of targets after which nothing begins until an operator continues the deploy. Absent: it does not stop. */
  readonly pauseAfter?: number;
  /** What the release does to users by intent. */
  readonly expect?: Expected;
  readonly settings: ResolvedSettings;
  /** From PinDocuments on: a `cdk deploy` that changes a document changes nothing for a deploy that runs. */
  readonly documents?: DocumentVersions;
}
