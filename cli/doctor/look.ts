/** One look at AWS: it ends in time, and it never throws, so that what cannot be seen is one line of the report. */
import { classifyAwsError } from '../../functions/shared/classify-aws-error.ts';
import { isDenied } from '../aws-errors.ts';

export type Look<T> =
  | { readonly state: 'seen'; readonly value: T }
  /** AWS says that there is no such thing. */
  | { readonly state: 'absent'; readonly subject: LookSubject }
  | ({ readonly state: 'blind'; readonly subject: LookSubject } & Blindness)
  /** Not looked at: the fleet has no such thing, or what leads to it was not seen. */
  | { readonly state: 'skipped' };

/** Why nobody can say. */
interface Blindness {
  readonly cause: 'denied' | 'noAnswer' | 'refused';
  /** A sentence without a full stop. */
  readonly reason: string;
  readonly mend: string;
}

export interface LookSubject {
  /** With its name: `target group holdfast-web`. */
  readonly what: string;
  /** Name or ARN. */
  readonly resource: string;
  /** Permission that the look needs: `elasticloadbalancing:DescribeTargetGroups`. */
  readonly action: string;
  /** The configuration names it as existing: then it has to be there before anything is deployed. */
  readonly named: boolean;
  /** Error names by which AWS says that it is not there. */
  readonly absentOn?: readonly string[];
}

export const SKIPPED = { state: 'skipped' } as const;

/**
 * Longest look, pages and repetitions included. A look is 1 to 4 calls; one of them may time out twice (2 × 12 s, see
 * CLIENT_OPTIONS) and still succeed.
 */
const LOOK_LIMIT_MS = 30_000;

/** Thrown by a look's own work when a reply names nothing. */
export class NotThere extends Error {
  override readonly name = 'NotThere';
}

export async function look<T>(subject: LookSubject, work: () => Promise<T>, limitMs: number = LOOK_LIMIT_MS): Promise<Look<T>> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error(`no answer within ${limitMs / 1000} s`), { name: 'TimeoutError' })), limitMs);
  });
  try {
    return { state: 'seen', value: await Promise.race([work(), limit]) };
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    if (error instanceof NotThere || subject.absentOn?.includes(error.name)) return { state: 'absent', subject };
    return { state: 'blind', subject, ...explain(error, subject.action) };
  } finally {
    clearTimeout(timer);
  }
}

/** A look at what another look led to. */
export async function follow<A, B>(first: Look<A>, next: (value: A) => Promise<Look<B>>): Promise<Look<B>> {
  return first.state === 'seen' ? next(first.value) : SKIPPED;
}

/** What was seen, if anything was. */
export const seen = <T>(one: Look<T>): T | undefined => (one.state === 'seen' ? one.value : undefined);

function explain(error: Error, action: string): Blindness {
  const said = error.message.split('\n')[0]?.trim() || error.name;
  if (isDenied(error)) {
    return {
      cause: 'denied',
      reason: `the credentials in use may not: it needs action ${action}`,
      mend: `allow ${action} to whoever runs doctor`,
    };
  }
  if (classifyAwsError(error) === 'transient') {
    return { cause: 'noAnswer', reason: `AWS did not answer ${action} (${said})`, mend: 'run doctor again in a minute' };
  }
  return { cause: 'refused', reason: `${action} was refused (${error.name}: ${said})`, mend: `look at it by hand: ${action}` };
}
