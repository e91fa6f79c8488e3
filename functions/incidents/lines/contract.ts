/** What `holdfast logs` sends to the installation's function of log lines, what that asks servers for, and what it answers. */
import * as z from '../../shared/schema.ts';
import { type InvalidRequest, statedName } from '../../shared/stated-request.ts';

export const LINES_ROLE = 'lines';
/** Shows the application's log around a time, without secrets. Its parameters are those of ReadLogsWindow. */
export const SHOW_LINES = { document: 'show-lines', step: 'showLines' } as const;
export const LINES_ENV = { fleet: 'HOLDFAST_LINES_FLEET', document: 'HOLDFAST_SHOW_LINES_DOCUMENT' } as const;

export const MOST_MINUTES = 15;
const time = z.whole(0, 253_402_300_799_999);
export const serverId = z.matching(/^m?i-[0-9a-f]{1,17}$/);

export const linesStatement = z.strictObject({
  aroundMs: time,
  minutes: z.whole(1, MOST_MINUTES),
  server: z.optional(serverId),
  requestedBy: statedName,
});
export type LinesStatement = z.infer<typeof linesStatement>;

/** One JSON line on the document's standard output. A line is cut by the document at 2,048 characters. */
export const showLinesOutput = z.strictObject({
  lines: z.array(z.tuple([time, z.matching(/^[^\p{Cc}]{1,2100}$/u)])).check(z.maxLength(12_000)),
  cut: z.optional(z.literal(true)),
  gaps: z.array(z.matching(/^[^\p{Cc}]{0,200}$/u)).check(z.maxLength(20)),
});
export type ShownLines = z.infer<typeof showLinesOutput>;

/** One server's lines, the earliest first; or why it gave none. */
export type ServerLines = { readonly instanceId: string } & (ShownLines | { readonly gap: string });

export type LinesReply =
  | { readonly outcome: 'shown'; readonly requestedBy: string; readonly servers: readonly ServerLines[]; readonly notAsked: number }
  | InvalidRequest
  | { readonly outcome: 'refused'; readonly error: 'NoSuchServer' | 'LookUnderWay'; readonly message: string };
