import { HoldfastError } from '../../shared/errors.ts';

/** A pre-condition no longer holds when a mitigation acts. Nothing was changed; the sentence says why. */
export class MitigationRefused extends HoldfastError {
  static readonly errorName = 'MitigationRefused';
  override readonly name = MitigationRefused.errorName;
}
