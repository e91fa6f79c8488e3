/** Log lines that are new since the trouble began, by their forms, with the servers that have them. Pure. */
import { sumOf } from '../../shared/arithmetic.ts';
import { clockText, counted } from '../../shared/texts.ts';
import { type Evidence, factsOf } from '../contract/evidence.ts';
import type { LineForm } from '../contract/server-facts.ts';
import { troubleOf } from '../trouble/trouble.ts';
import { plain } from './plain.ts';

export interface NewLines {
  /** `since 02:58 UTC` */
  readonly since: string;
  /** The most useful first; one that says so where nothing is new. */
  readonly lines: readonly string[];
  /** The first of them; absent where nothing is new. */
  readonly first?: string;
}

const MOST_LINES = 5;
const MINUTE_MS = 60_000;
/** A chronic line is new only if it comes so many times as often, and by so many lines. */
const TIMES_MORE = 3;
const FEWEST_MORE = 5;

type Found = { readonly form: LineForm; readonly instanceId: string; readonly after: number; readonly isChronic: boolean };

/** What is new by its form, the most useful first. Undefined where no log was read, or none that shows what is usual. */
function newGroups(evidence: Evidence | undefined) {
  const read = (evidence && (factsOf(evidence, 'servers')?.servers ?? []).filter(({ application }) => application?.forms)) ?? [];
  if (evidence === undefined || read.length === 0) return undefined;
  const { onset } = troubleOf(evidence);
  const sinceMs = typeof onset === 'number' ? onset : evidence.firstSignMs;
  const found = read.flatMap(({ instanceId, application }) =>
    (application?.forms ?? []).flatMap((form) => newOf(form, sinceMs, evidence).map((part) => ({ ...part, form, instanceId }))),
  );
  const groups = [...Map.groupBy(found, ({ form }) => form.text).values()].toSorted((one, other) => rankOf(other) - rankOf(one));
  return { groups, sinceMs, servers: read.length };
}

/** The form of the first new line, if it is an error: a pool that says that it has started is new after each restart. */
export function newErrorOf(evidence: Evidence | undefined): string | undefined {
  const [group = []] = newGroups(evidence)?.groups ?? [];
  return group.find(({ form }) => form.bad)?.form.text;
}

export function newLinesOf(evidence: Evidence | undefined): NewLines | undefined {
  const found = newGroups(evidence);
  if (found === undefined) return undefined;
  const { groups, sinceMs, servers } = found;
  const lines = groups.slice(0, MOST_LINES).map((group) => lineOf(group, servers));
  const more = groups.length - lines.length;
  const said = lines.length === 0 ? [`None in the logs of ${counted(servers, 'server')}.`] : lines;
  const since = `since ${clockText(sinceMs).slice(0, 5)} UTC`;
  return { since, lines: more > 0 ? [...said, `${more} more`] : said, ...(lines[0] !== undefined && { first: lines[0] }) };
}

/** The begin is a whole minute, and clocks differ. */
function newOf({ fromMs, counts }: LineForm, sinceMs: number, { fromMs: readMs, toMs }: Evidence): Pick<Found, 'after' | 'isChronic'>[] {
  const split = Math.max(0, Math.floor(sinceMs / MINUTE_MS) - 1 - fromMs / MINUTE_MS);
  const before = sumOf(counts.slice(0, split), (count) => count);
  const after = sumOf(counts.slice(split), (count) => count);
  const usual = (before * Math.max(MINUTE_MS, toMs - sinceMs)) / Math.max(MINUTE_MS, sinceMs - readMs);
  return after > 0 && (before === 0 || after >= FEWEST_MORE + TIMES_MORE * usual) ? [{ after, isChronic: before > 0 }] : [];
}

/** Errors before the rest, what was never there before what is more, what several servers have before what one has. */
const rankOf = (group: readonly Found[]): number =>
  (group.some(({ form }) => form.bad) ? 1e12 : 0) +
  (group.some(({ isChronic }) => isChronic) ? 0 : 1e11) +
  group.length * 1e9 +
  Math.min(
    1e9 - 1,
    sumOf(group, ({ after }) => after),
  );

function lineOf(group: readonly Found[], servers: number): string {
  const [first] = group;
  const firstMs = Math.min(...group.map(({ form }) => form.fromMs));
  const where = group.length > 1 ? `on ${group.length} of ${servers} servers` : `on ${first?.instanceId}`;
  const when = group.some(({ isChronic }) => isChronic) ? 'more than before' : `first at ${clockText(firstMs).slice(0, 5)}`;
  const times = `${sumOf(group, ({ after }) => after)} times`;
  return `${plain(first?.form.text ?? '')} (${times} ${where}, ${when})`;
}
