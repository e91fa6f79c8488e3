/** One lookup in AWS: it ends in time and never throws, so that whatever cannot be read is one line of the report. */

import type { CertificateFacts, DocumentFacts, Sources } from '../../functions/checks/facts.ts';
import { classifyAwsError } from '../../functions/shared/aws/classify-aws-error.ts';
import { within } from '../../functions/shared/end-at.ts';
import { foreignAnswer, isDenied, isNotAccepted } from '../aws-errors.ts';

export type Lookup<T> =
  | { readonly state: 'known'; readonly value: T }
  /** AWS reports that it does not exist. */
  | { readonly state: 'absent'; readonly subject: LookupSubject }
  | ({ readonly state: 'unknown'; readonly subject: LookupSubject } & LookupFailure)
  /** Not looked up: the fleet has none, or the lookup that leads to it did not succeed. */
  | { readonly state: 'skipped' };

/** What was looked up of each source; of several things one by one. */
export type Lookups = { readonly [Name in Exclude<keyof Sources, 'certificates' | 'documents' | 'memberIds'>]: Lookup<Sources[Name]> } & {
  readonly certificates: readonly Lookup<CertificateFacts>[];
  readonly documents: readonly Lookup<DocumentFacts>[];
  readonly memberIds: readonly string[];
};
/** Why it is unknown. */
interface LookupFailure {
  readonly cause: 'denied' | 'noAnswer' | 'refused';
  /** A sentence without a full stop. */
  readonly reason: string;
  readonly fix: string;
}

export interface LookupSubject {
  /** What is looked up, with its name: `target group holdfast-web`. */
  readonly what: string;
  /** Name or ARN. */
  readonly resource: string;
  /** Permission that the lookup needs: `elasticloadbalancing:DescribeTargetGroups`. */
  readonly action: string;
  /** The configuration names it as an existing resource, so it has to exist before anything is deployed. @default false */
  readonly named?: boolean;
  /** Why it is no more than a notice that the credentials do not allow it; without a full stop. */
  readonly unlessAllowed?: string;
  /** Errors that mean that it does not exist. */
  readonly absentOn?: readonly string[];
}

/** A resource whose name or ARN is `id`: `table holdfast-records`. */
export const aboutResource = (
  kind: string,
  id: string,
  action: string,
  more: Omit<LookupSubject, 'what' | 'resource' | 'action'> = {},
): LookupSubject => ({ what: `${kind} ${id}`, resource: id, action, ...more });

export const SKIPPED = { state: 'skipped' } as const;

/**
 * Time limit of a lookup, pages and retries included. A lookup is 1 to 4 calls; one of them may time out twice (2 × 12 s, see
 * CLIENT_OPTIONS) and still succeed.
 */
const LIMIT_MS = 30_000;

/** Thrown by a lookup when AWS replies with an empty result. */
export class NotFound extends Error {
  override readonly name = 'NotFound';
}

export async function lookUp<T>(subject: LookupSubject, work: () => Promise<T>, limitMs: number = LIMIT_MS): Promise<Lookup<T>> {
  const late = () => Object.assign(new Error(`no answer within ${limitMs / 1000} s`), { name: 'TimeoutError' });
  try {
    return { state: 'known', value: await within(work(), limitMs, late) };
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    if (error instanceof NotFound || subject.absentOn?.includes(error.name)) return { state: 'absent', subject };
    return { state: 'unknown', subject, ...explain(error, subject.action) };
  }
}

/** Every item of a call that answers in pages. */
export async function allOf<P, T>(pages: AsyncIterable<P>, itemsOf: (page: P) => readonly T[] | undefined): Promise<readonly T[]> {
  const items: T[] = [];
  for await (const page of pages) items.push(...(itemsOf(page) ?? []));
  return items;
}

/** A lookup that needs the value of another one. */
export async function andThen<A, B>(first: Lookup<A>, next: (value: A) => Promise<Lookup<B>>): Promise<Lookup<B>> {
  return first.state === 'known' ? next(first.value) : SKIPPED;
}

/** A part of the value; a lookup without a value stays what it is. */
export const part = <A, B>(one: Lookup<A>, of: (value: A) => B): Lookup<B> =>
  one.state === 'known' ? { state: 'known', value: of(one.value) } : one;

/** The value, if it is known. */
export const known = <T>(one: Lookup<T>): T | undefined => (one.state === 'known' ? one.value : undefined);

function explain(error: Error, action: string): LookupFailure {
  const message = error.message.split('\n')[0]?.trim() || error.name;
  const foreign = foreignAnswer(error);
  if (foreign)
    return { cause: 'noAnswer', reason: foreign, fix: 'let requests to it through the proxy or firewall, then run doctor again' };
  if (error.name === 'CredentialsProviderError') {
    return { cause: 'noAnswer', reason: `there are no AWS credentials (${message})`, fix: 'sign in, for example with "aws sso login"' };
  }
  if (isNotAccepted(error)) {
    const reason = `AWS does not accept the current credentials (${message})`;
    return { cause: 'noAnswer', reason, fix: 'sign in, for example with "aws sso login"' };
  }
  if (isDenied(error)) {
    const fix = `allow ${action} for the identity that runs doctor`;
    return { cause: 'denied', reason: `the credentials do not allow ${action}`, fix };
  }
  if (classifyAwsError(error) === 'transient') {
    return { cause: 'noAnswer', reason: `AWS did not respond to ${action} (${message})`, fix: 'run doctor again in a minute' };
  }
  return { cause: 'refused', reason: `AWS refused ${action} (${error.name}: ${message})`, fix: `check it by hand with ${action}` };
}
