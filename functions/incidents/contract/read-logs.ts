/** The document read-logs: its name, parameters and answer. */
import * as z from '../../shared/schema.ts';

export const READ_LOGS = { document: 'read-logs', step: 'readLogs' } as const;

export interface ReadLogsParameters {
  /** 64 hex digits: the same for each server of one incident. */
  readonly hashKey: string;
  readonly fromMs: string;
  readonly toMs: string;
}

const count = z.number();
const counts = z.record(z.string(), count);

/** One JSON line on its standard output. A part that could not be read is absent, and `gaps` says why. */
export const readLogsOutput = z.strictObject({
  release: z.string(),
  route: z.optional(z.string()),
  access: z.optional(
    z.strictObject({
      lines: count,
      fromMs: count,
      toMs: count,
      statuses: counts,
      withSession: z.nullable(count),
      replaced: z.nullable(count),
      foreignRoute: z.nullable(count),
      routes: z.array(z.string()),
      /** `HASH FIRST LAST REQUESTS ROUTES [!]`: seconds since `fromMs`, positions in `routes`, and `!` for a session that was lost. */
      sessions: z.array(z.string().check(z.regex(/^[0-9a-f]{12} [0-9]+ [0-9]+ [0-9]+ ([0-9]+(,[0-9]+)*|-)( !)?$/))),
      /** False: `sessions` are those with the lowest hashes. */
      allSessions: z.boolean(),
      created: z.nullable(z.strictObject({ byAgent: counts, byPath: counts })),
      fromOtherSite: z.nullable(z.strictObject({ withCookie: count, withoutCookie: count, refused: count })),
      lostAtAgeMinutes: counts,
      lostAfterIdleSeconds: counts,
      endedAtAgeMinutes: counts,
    }),
  ),
  application: z.optional(
    z.strictObject({
      lines: count,
      storeConnection: count,
      readOnly: count,
      outOfMemory: count,
      serialization: count,
      sessionTimeout: count,
      firstMs: counts,
      lastMs: counts,
      partial: z.optional(z.boolean()),
    }),
  ),
  store: z.optional(z.strictObject({ reachable: z.boolean(), error: z.optional(z.string()) })),
  cookie: z.optional(
    z.strictObject({
      name: z.string(),
      maxAgeSeconds: z.nullable(count),
      sameSite: z.nullable(z.enum(['Strict', 'Lax', 'None'])),
      secure: z.boolean(),
      httpOnly: z.boolean(),
      slides: z.nullable(z.boolean()),
    }),
  ),
  gaps: z.array(z.string()),
});
export type ReadLogsOutput = z.infer<typeof readLogsOutput>;

/** Environment of the function that collects from servers: physical name of the document. */
export const READ_LOGS_ENV = { document: 'HOLDFAST_READ_LOGS_DOCUMENT' } as const;
