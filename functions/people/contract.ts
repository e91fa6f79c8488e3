/** What the document access-log is asked about people, and what it answers. */
import * as z from '../shared/schema.ts';
import { INSTALLED_VERSION_PATTERN } from '../shared/version.ts';

/** What a deploy stops for; the share of each is judged by itself. */
export const PEOPLE_KINDS = ['turnedAway', 'refused', 'newSession', 'missingParts', 'serverErrors'] as const;
export type PeopleKind = (typeof PEOPLE_KINDS)[number];

const KINDS = PEOPLE_KINDS.length;
const PATH = '(?:other|(?:/[A-Za-z0-9._*-]{0,32}){1,5})';
const rows = z.array(z.matching(/^[0-9]{1,7}( [0-9]{1,7}){3}$/)).check(z.maxLength(KINDS), z.minLength(KINDS));
const paths = z.array(z.matching(new RegExp(`^(${PEOPLE_KINDS.join('|')}) ${PATH} [1-5][0-9]{2} [0-9]{1,9}$`))).check(z.maxLength(12));

export const peopleAnswer = z.strictObject({
  /** Whether the log names sessions: else requests are counted. */
  showsSessions: z.boolean(),
  /** The latest request that the log has, in milliseconds since the epoch; 0 for none. A log that is written late lacks the last ones. */
  lastMs: z.whole(0, 253_402_300_799_999),
  partial: z.boolean(),
  /** How many requests named a session, before and now. */
  named: z.tuple([z.whole(0, 999_999_999), z.whole(0, 999_999_999)]),
  /** Of each kind, in their order: `PEOPLE OF REQUESTS OF`. Before in slices as long as now: a person of two slices counts twice. */
  before: rows,
  now: rows,
  /** `HASH ASKED SHOWN`: bits of kinds in hex. Of more, those with the lowest hashes. */
  people: z.array(z.matching(/^[0-9a-f]{12} [0-9a-f]{1,2} [0-9a-f]{1,2}$/)).check(z.maxLength(700)),
  /** `KIND PATH STATUS PEOPLE`, those that most met first. */
  paths,
});
export type PeopleAnswer = z.infer<typeof peopleAnswer>;

/** Times in milliseconds since the epoch: what people met between `fromMs` and `untilMs`, and between `sinceMs` and `toMs`. */
export interface PeopleParameters {
  /** 64 hex digits: the same for each server of one look. */
  readonly hashKey: string;
  readonly fromMs: string;
  readonly untilMs: string;
  readonly sinceMs: string;
  readonly toMs: string;
}

/** Its one JSON line. Without `people`, `gaps` says why. */
export const peopleOutput = z.strictObject({
  release: z.matching(new RegExp(INSTALLED_VERSION_PATTERN)),
  people: z.optional(peopleAnswer),
  gaps: z.array(z.text(0, 200)).check(z.maxLength(20)),
});
export type PeopleOutput = z.infer<typeof peopleOutput>;
