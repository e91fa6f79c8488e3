/** Faults around a piece of work. Whatever a test leaves set is gone before the next one begins: note-file.ts sees to it. */
import type { FaultInput, FaultReport } from '#local-aws/faults/fault-rule.ts';
import { faultControl } from '../../lab/demo/fault-control.ts';
import { kept } from './fleet.ts';

const control = faultControl(kept);

/**
 * A test that ran out of time never comes to its own clean-up.
 *
 * It is asked once more: the first call after long work in this process may go out over an idle connection that the gateway has closed.
 */
export const resetFaults = (): Promise<unknown> => control.reset().catch(() => control.reset());

/** The rules hit nothing, so that the test shows nothing. */
class FaultHitNothing extends Error {
  override readonly name = 'FaultHitNothing';
}

/**
 * Sets the rules, does the work, and takes the rules away, however the work ends.
 *
 * @throws FaultHitNothing when the work ended well and one of the rules never took effect
 */
export async function withFault<T>(
  rules: FaultInput | readonly FaultInput[],
  work: (seen: () => Promise<readonly FaultReport[]>) => Promise<T>,
): Promise<T> {
  const ids: string[] = [];
  const reports: FaultReport[] = [];
  let result: T;
  try {
    for (const rule of [rules].flat() as FaultInput[]) ids.push(await control.set(rule));
    result = await work(async () => (await control.list()).filter(({ id }) => ids.includes(id)));
  } finally {
    for (const id of ids) reports.push(await control.remove(id));
  }
  const idle = reports.filter(({ applied }) => applied === 0);
  if (idle.length > 0)
    throw new FaultHitNothing(idle.map(({ rule, matched }) => `${JSON.stringify(rule)} matched ${matched}, hit nothing`).join('; '));
  return result;
}
