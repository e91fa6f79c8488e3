/**
 * Requests of people and pipelines that functions answer. `lambda:InvokeFunction` decides who may send one; Lambda does not pass the caller
 * on, so the name on record is the caller's own statement.
 */
import * as z from './schema.ts';

/** The caller's name for the record: that of a user, or of a role and its session. */
export const statedName = z.matching(/^[^\p{Cc}]{1,128}$/u);

export interface InvalidRequest {
  readonly outcome: 'refused';
  readonly error: 'InvalidRequest';
  /** Complete sentences. */
  readonly message: string;
}

/**
 * @param unchanged what a refusal has left as it was: `Nothing was published.`
 * @param instead what to use in place of the request, as a sentence
 */
export const refuseInvalid = (unchanged: string, instead: string): InvalidRequest => ({
  outcome: 'refused',
  error: 'InvalidRequest',
  message: `The request is not valid. ${unchanged} ${instead}`,
});
