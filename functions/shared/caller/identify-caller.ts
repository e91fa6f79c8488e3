import { describeError } from '../errors.ts';
import { type CallerProof, whyUnusable } from './caller-proof.ts';
import { type ResolveCaller, UnknownCaller } from './resolve-caller.ts';

export interface IdentifyPorts {
  readonly resolveCaller: ResolveCaller;
  readonly region: string;
  readonly now: () => number;
}

/**
 * The verified identity of the caller of a function, or why there is none.
 * @param account the function's own: an identity of another account is refused
 */
export async function identifyCaller(
  { resolveCaller, region, now }: IdentifyPorts,
  account: string,
  proof: CallerProof,
  statement: string,
): Promise<{ readonly arn: string } | { readonly refusal: string }> {
  const unusable = whyUnusable(proof, region, now());
  if (unusable !== undefined) return { refusal: unusable };
  try {
    const caller = await resolveCaller(proof, statement);
    return caller.account === account ? caller : { refusal: `it is an identity of account ${caller.account}, not ${account}` };
  } catch (error) {
    if (error instanceof UnknownCaller) return { refusal: error.message };
    return { refusal: describeError(error) };
  }
}
