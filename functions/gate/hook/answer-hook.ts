/** What the hook of a deployment answers: the verdict of one gate for each deployment, whatever comes twice or at once. */
import { describeError } from '../../shared/errors.ts';
import * as z from '../../shared/schema.ts';
import { parseUrl } from '../../shared/urls.ts';
import { GATE_HOOK_SECONDS, type GateAddresses, type GateResult } from '../contract.ts';

/** Of Amazon ECS, by its documentation; others can send `hookDetails` alone. */
const hookEvent = z.object({ executionId: z.optional(z.text(1, 500)), resourceArn: z.optional(z.text(1, 2_048)) });
const hookAddresses = z.object({ hookDetails: z.object({ old: z.optional(z.text(1, 2_000)), new: z.optional(z.text(1, 2_000)) }) });

/** What ECS reads. Without a `hookStatus`, or after an error, it rolls the deployment back. */
export interface HookAnswer {
  readonly hookStatus: 'SUCCEEDED' | 'FAILED' | 'IN_PROGRESS';
  readonly callBackDelay?: number;
  readonly hookDetails?: { readonly verdict: GateResult['verdict'] };
}

export interface HookPorts {
  readonly addresses: GateAddresses;
  readonly notChecked: 'continue' | 'stop';
  /** By the deployment's id. One without an id is put on record too, and is not found again. */
  readonly verdicts: { get(id: string): Promise<GateResult | undefined>; put(id: string | undefined, result: GateResult): Promise<void> };
  /** Two deployments share two users. */
  readonly lease: { take(owner: string, nowMs: number, untilMs: number): Promise<boolean>; release(owner: string): Promise<void> };
  readonly compare: (addresses: GateAddresses) => Promise<GateResult>;
  readonly log: (result: GateResult) => void;
  readonly now: () => number;
}

const AGAIN_SECONDS = 30;

export async function answerHook(ports: HookPorts, event: unknown, owner: string): Promise<HookAnswer> {
  const { data: { executionId, resourceArn } = {} } = hookEvent.safeParse(event);
  const { data: { hookDetails = {} } = {} } = hookAddresses.safeParse(event);
  const id = resourceArn ?? executionId;
  const known = id && (await ports.verdicts.get(id));
  if (known) return answerOf(ports, known);
  const nowMs = ports.now();
  if (!(await ports.lease.take(owner, nowMs, nowMs + GATE_HOOK_SECONDS * 1000)))
    return { hookStatus: 'IN_PROGRESS', callBackDelay: AGAIN_SECONDS };
  try {
    const result = await Promise.resolve()
      .then(() => ports.compare({ ...ports.addresses, ...addressesIn(ports.addresses, hookDetails) }))
      .catch(notChecked);
    ports.log(result);
    // The answer does not depend on its record.
    await ports.verdicts.put(id, result).catch(() => {});
    return answerOf(ports, result);
  } finally {
    await ports.lease.release(owner).catch(() => {});
  }
}

/** The passwords go to hosts that the function's owner has named, and by no other protocol. @throws Error for others */
function addressesIn(
  own: GateAddresses,
  given: { readonly old?: string | undefined; readonly new?: string | undefined },
): Partial<GateAddresses> {
  const placeOf = (address = '') => {
    const { protocol, hostname } = parseUrl(address) ?? {};
    return `${protocol}//${hostname}`;
  };
  const known = [own.old, own.new].map(placeOf);
  if (Object.values(given).some((address) => address !== undefined && !known.includes(placeOf(address))))
    throw new Error('an address of hookDetails has neither host and protocol of the old release nor of the new one');
  return given as Partial<GateAddresses>;
}

/** A broken recipe, a secret that cannot be read. */
export const notChecked = (error: unknown): GateResult => ({
  ...{ verdict: 'not checked', reason: describeError(error), findings: [], notes: [] },
  sent: { requests: 0, logins: 0 },
});

export function answerOf({ notChecked: then }: Pick<HookPorts, 'notChecked'>, { verdict }: GateResult): HookAnswer {
  const goesOn = verdict === 'compatible' || (verdict === 'not checked' && then === 'continue');
  return { hookStatus: goesOn ? 'SUCCEEDED' : 'FAILED', hookDetails: { verdict } };
}
