import { HoldfastError } from '../../shared/errors.ts';

/** The recipe's file is not a recipe. Nothing was sent. */
export class InvalidRecipe extends HoldfastError {
  override readonly name = 'InvalidRecipe';
}

/** What the recipe describes did not happen, so nothing can be concluded: never a pass. */
export class RecipeFailed extends HoldfastError {
  override readonly name = 'RecipeFailed';
}

/** A safety limit, or an answer after which the canary sends nothing more to the site. */
export class RunStopped extends HoldfastError {
  override readonly name = 'RunStopped';
}

/** No answer came: refused, cut off, too late, or a certificate that is not trusted. */
export class NoAnswer extends HoldfastError {
  override readonly name = 'NoAnswer';
  /** `ECONNREFUSED`, `ETIMEDOUT`, … */
  readonly code: string;
  constructor(place: string, code: string, why: string) {
    super(`${place}: no answer (${why})`);
    this.code = code;
  }
}
