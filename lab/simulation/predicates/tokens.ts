import type { LockRecord } from '../../../functions/records/types.ts';
import type { Call } from '../seam/call.ts';
import { recordOf, type StepPayload } from './calls.ts';
import type { View } from './view.ts';

/** Calls that change what users meet; records have conditions of their own. */
const CHANGES: ReadonlySet<string> = new Set([
  'RegisterTargets',
  'DeregisterTargets',
  'ModifyRule',
  'SendCommand',
  'SuspendProcesses',
  'ResumeProcesses',
  'SetInstanceHealth',
]);
/** Functions' clocks differ by at most half a second each way. */
const CLOCKS_MS = 1_000;

type Broken = (predicate: 'S3' | 'S6', text: string) => void;

/** S3 and S6: who holds the lock, and in which order holders change something. */
export class Tokens {
  private readonly view: View;
  private readonly broken: Broken;
  /** Right before the update that is under way. */
  private lockBefore: LockRecord | undefined;
  /** Highest token whose holder has changed something. */
  private newestChange = 0;
  private lockToken = 0;
  private lockTokenSinceMs = 0;
  private promotedToken = 0;

  constructor(view: View, broken: Broken) {
    this.view = view;
    this.broken = broken;
  }

  before({ operation, input }: Call): void {
    if (operation === 'UpdateItem' && recordOf(input) === 'LOCK') this.lockBefore = this.view.lock();
  }

  effect(call: Call): void {
    if (CHANGES.has(call.operation)) this.checkChange(call);
    if (call.operation !== 'UpdateItem') return;
    const record = recordOf(call.input);
    if (record === 'LOCK') this.followLock();
    if (record === 'FLEET') this.checkPromotion(call);
  }

  /** The lock goes to another holder only when it is free, when its lease is over, or to the clean-up of its own deploy. */
  private followLock(): void {
    const [before, after] = [this.lockBefore, this.view.lock()];
    const nowMs = this.view.now();
    const isTaken = after?.executionArn !== undefined && after.executionArn !== before?.executionArn;
    if (!isTaken) return;
    const token = after.fencingToken;
    const leftMs = (before?.expiresAtMs ?? 0) - nowMs;
    if (before?.deployId !== undefined && before.deployId !== after.deployId && leftMs > CLOCKS_MS) {
      this.broken('S3', `${after.deployId} takes the lock of ${before.deployId}, whose lease lasts for ${leftMs / 1000} s more`);
    }
    if (token <= this.lockToken) this.broken('S3', `${after.deployId} takes the lock with token ${token} after ${this.lockToken}`);
    else [this.lockToken, this.lockTokenSinceMs] = [token, nowMs];
  }

  private checkChange({ operation, input, invocation }: Call): void {
    const { deploy, lease } = invocation.payload as StepPayload;
    const token = lease?.fencingToken;
    if (!deploy || token === undefined) return;
    const what = `${invocation.functionName}/${invocation.step}: ${operation} with token ${token}`;
    // Auto Scaling is restored by a deploy that lost its lock, where nobody holds it.
    const restores = operation === 'ResumeProcesses' && this.view.lock()?.deployId === undefined;
    const late = restores ? undefined : this.overtaken(token, deploy.settings.strayCallSeconds);
    if (late !== undefined) this.broken('S3', `${what} ${late}`);
    const [sent] = (input as { readonly Parameters?: { readonly fencingToken?: readonly string[] } }).Parameters?.fencingToken ?? [];
    if (sent !== undefined && Number(sent) !== token) this.broken('S3', `${what} sends the server token ${sent}`);
    this.newestChange = Math.max(this.newestChange, token);
  }

  private checkPromotion({ invocation }: Call): void {
    const { deploy, lease } = invocation.payload as StepPayload;
    const token = lease?.fencingToken ?? 0;
    const record = this.view.fleetRecord();
    const what = `${invocation.functionName}/${invocation.step} moves the current version with token ${token}`;
    const late = this.overtaken(token, deploy?.settings.strayCallSeconds ?? 0);
    if (late !== undefined) this.broken('S6', `${what} ${late}`);
    if (token < this.promotedToken) this.broken('S6', `${what} after token ${this.promotedToken}`);
    if (record?.fencingToken !== token || record.currentVersion !== deploy?.version) {
      this.broken('S6', `${what} to ${deploy?.version}, and the record names ${record?.currentVersion} of token ${record?.fencingToken}`);
    }
    this.promotedToken = Math.max(this.promotedToken, token);
  }

  /** Why a change comes too late. A call that was under way may still land, before a newer holder has changed anything. */
  private overtaken(token: number, strayCallSeconds: number): string | undefined {
    if (token >= this.lockToken) return undefined;
    if (token < this.newestChange) return `after a change with token ${this.newestChange}`;
    const lateSeconds = (this.view.now() - this.lockTokenSinceMs) / 1000;
    return lateSeconds > strayCallSeconds ? `${lateSeconds} s after token ${this.lockToken}` : undefined;
  }
}
