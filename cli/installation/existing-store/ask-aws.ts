/** One question to AWS: it ends in time, and what AWS refuses is a sentence. */
import { within } from '../../../functions/shared/end-at.ts';
import { isDenied } from '../../aws-errors.ts';
import { CommandFailure, EXIT } from '../../failure.ts';

/** Of one question, its pages and its repeated calls. */
const LIMIT_MS = 20_000;

/**
 * @param action the permission that it needs: `ec2:DescribeSubnets`
 * @throws CommandFailure NotAllowed; what AWS answers; an error TimeoutError after 20 s
 */
export async function askAws<T>(action: string, work: () => Promise<T>, limitMs = LIMIT_MS): Promise<T> {
  const late = () => Object.assign(new Error(`no answer to ${action} within ${limitMs / 1000} s`), { name: 'TimeoutError' });
  try {
    return await within(work(), limitMs, late);
  } catch (thrown) {
    if (!(thrown instanceof Error) || !isDenied(thrown)) throw thrown;
    throw new CommandFailure(
      'NotAllowed',
      `The credentials do not allow ${action}, which "init --store" reads the store with; add --print-policy for a policy with all that it needs. Nothing was written.`,
      EXIT.noCloud,
      { cause: thrown },
    );
  }
}

/** Every item of a call that answers in pages. */
export async function allOf<P, T>(pages: AsyncIterable<P>, itemsOf: (page: P) => readonly T[] | undefined): Promise<readonly T[]> {
  const items: T[] = [];
  for await (const page of pages) items.push(...(itemsOf(page) ?? []));
  return items;
}
