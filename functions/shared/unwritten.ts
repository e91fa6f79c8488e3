/** Changes of session attributes that were not written: without an error, users lose them on the next server. */
import { sumOf } from './arithmetic.ts';
import * as z from './schema.ts';
import { counted } from './texts.ts';

const name = z.matching(/^[A-Za-z0-9_.$[;-]{1,100}( \([A-Za-z0-9_.$[;]{1,100}\))?$/);
const names = z.array(name).check(z.maxLength(10));

/** Of the requests that a server sampled since its start, those that changed a session attribute which is not in the store. */
export const unwrittenChanges = z.strictObject({
  requests: z.whole(0),
  of: z.whole(0),
  /** Changes, of all requests, that were to be written and could not be; absent for none. */
  failed: z.optional(z.whole(1)),
  /** Names of attributes with their classes, `cart (java.util.ArrayList)`, or classes alone. */
  attributes: names,
  /** Classes of objects that were put into an attribute and cannot be serialized. */
  unserializable: names,
  /** Sessions whose id is in URLs and in no cookie, of all sessions of users that the server has in memory; absent where it has none of a user. */
  inUrls: z.optional(z.strictObject({ sessions: z.whole(0), of: z.whole(1) })),
});
export type UnwrittenChanges = Readonly<z.infer<typeof unwrittenChanges>>;

const UNWRITTEN_ADVICE = 'Set "sessionUpdates": "afterRequest" in app, or call setAttribute after each change, and publish a new release.';

/** What to do: those that could not be written are the store's, or one class's, and not those of the setting. */
export const unwrittenAdvice = ({ requests }: Pick<UnwrittenChanges, 'requests'>): string =>
  requests > 0 ? UNWRITTEN_ADVICE : 'Read the log of the servers, and whether the store failed meanwhile.';

export function describeUnwritten({ requests, of, failed = 0, attributes, unserializable }: UnwrittenChanges): string {
  const changed = attributes.length === 0 ? '' : `: ${attributes.join(', ')}`;
  const classes = unserializable.length === 0 ? '' : `; not serializable: ${unserializable.join(', ')}`;
  const errors = failed === 0 ? '' : `; ${counted(failed, 'change')} could not be written, for which the server's log has the reason`;
  return `${requests} of ${counted(of, 'sampled request')} changed session attributes that were not written to the store${changed}${classes}${errors}`;
}

/** What servers show of ids in URLs; undefined for none. */
export function describeIdsInUrls(samples: readonly Pick<UnwrittenChanges, 'inUrls'>[]): string | undefined {
  const found = samples.flatMap(({ inUrls }) => inUrls ?? []);
  const sessions = sumOf(found, (one) => one.sessions);
  const of = sumOf(found, (one) => one.of);
  return sessions === 0 ? undefined : `${sessions} of ${counted(of, 'session')} had the id in URLs (;jsessionid=) and in no cookie`;
}

export const IDS_IN_URLS_ADVICE =
  'They reach logs, search engines and anyone who gets a link. Set <tracking-mode>COOKIE</tracking-mode> in web.xml, and publish a new release.';

const losesChanges = (version: string): string => `Release ${version} loses changes of sessions: `;

/** Of a deploy's warnings. */
export const isUnwrittenWarning = (version: string, sentence: string): boolean => sentence.startsWith(losesChanges(version));

/** A deploy's warnings; none where every change was written, and every id is in a cookie. */
export function unwrittenWarnings(version: string, unwritten: UnwrittenChanges): readonly string[] {
  const inUrls = describeIdsInUrls([unwritten]);
  return [
    ...(unwritten.requests > 0 || unwritten.failed
      ? [`${losesChanges(version)}${describeUnwritten(unwritten)}. ${unwrittenAdvice(unwritten)}`]
      : []),
    ...(inUrls === undefined ? [] : [`Release ${version} has ids of sessions in URLs: ${inUrls}. ${IDS_IN_URLS_ADVICE}`]),
  ];
}

/** One warning says it for all servers, of which each has its own counts. */
export const isSameWarning = (one: string, other: string): boolean => one.split(': ')[0] === other.split(': ')[0];
