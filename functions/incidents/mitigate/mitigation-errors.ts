import { HoldfastError } from '../../shared/errors.ts';

/** A pre-condition no longer holds when a mitigation acts. Nothing was changed; the sentence says why. */
export class MitigationRefused extends HoldfastError {
  static readonly errorName = 'MitigationRefused';
  override readonly name = MitigationRefused.errorName;
}

/** @throws MitigationRefused for a sentence about why a mitigation may not act any more */
export function refuseFor(why: string | undefined): void {
  if (why !== undefined) throw new MitigationRefused(`${why}; nothing was changed`);
}
