import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** What a user has begun. */
export interface CriticalAction<Body = unknown> {
  /** The application's own, such as an order's number: the same id is the same action. 1 to 128 letters, digits, `.`, `_`, `:`, `-`. */
  readonly id: string;
  /** `order`, `payment`: what the application offers it as. */
  readonly kind: string;
  /** At most 16,384 bytes as JSON. No card number or password: nothing that the application may not store. */
  readonly body: Body;
  /** Higher with each change of the body; a lower one is refused. @default 1 */
  readonly revision?: number;
}

export interface PendingAction<Body = unknown> extends Required<CriticalAction<Body>> {
  readonly savedAt: Date;
}

/** Users are the application's names of them. Every call ends within `timeoutMs`, and can be made again. */
export interface CriticalActions {
  /**
   * Stores an action before the application answers the user.
   * @returns `finished`: it has been carried out already; do not do it again
   * @throws InvalidCriticalAction, CriticalActionConflict, CriticalActionsUnavailable
   */
  save(user: string, action: CriticalAction): Promise<'pending' | 'finished'>;
  /**
   * Ends an action that was carried out, or that the user gave up. Its content is removed; its id is kept until it expires.
   * @returns `absent`: there is none with this id
   * @throws InvalidCriticalAction, CriticalActionsUnavailable
   */
  finish(user: string, id: string): Promise<'finished' | 'absent'>;
  /** What to offer after a login; oldest first, at most 100. @throws InvalidCriticalAction, CriticalActionsUnavailable */
  pending(user: string): Promise<PendingAction[]>;
}

export interface CriticalActionsOptions {
  readonly client: Pick<DynamoDBClient, 'send'>;
  readonly table: string;
  /** Hashes users: at least 32 characters, the same on every server. A function is called once, and again after a failure. */
  readonly userKey: string | (() => Promise<string | undefined>);
  /** How long an action is offered after its last change. @default 86,400: a day */
  readonly lifeSeconds?: number;
  /** Time limit of one call with its retries. @default 2,000 */
  readonly timeoutMs?: number;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

export function createCriticalActions(options: CriticalActionsOptions): CriticalActions;
export function criticalActionsFromEnvironment(env?: Readonly<Record<string, string | undefined>>): CriticalActions | undefined;

export class CriticalActionError extends Error {}
export class InvalidCriticalAction extends CriticalActionError {}
export class CriticalActionConflict extends CriticalActionError {}
export class CriticalActionsUnavailable extends CriticalActionError {}
