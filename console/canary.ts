/** The last result of the fleet's canary as the page shows it. Texts are those of the CLI. */
import { ifAllowed } from '../cli/aws-errors.ts';
import { canaryLines } from '../cli/canary/canary-lines.ts';
import type { OpenCloud } from '../cli/open-stores.ts';
import { linesOf, type StoredLine, worstFirst } from '../functions/canary/contract/canary-records.ts';
import type { Weakness } from '../functions/canary/contract/findings.ts';
import { FRAMEWORK_NAMES, type Framework, fixesOf, frameworksOf } from '../functions/canary/findings/more-fixes.ts';
import { WEAKNESSES } from '../functions/canary/findings/weaknesses.ts';

/** A line of the report, with what the catalogue has of a finding. */
export interface CanaryRow extends StoredLine, Partial<Pick<Weakness, 'clauses' | 'why'>> {
  /** What to do, by the framework's name. */
  readonly fix?: Readonly<Record<string, string>>;
}

export interface CanaryView {
  readonly fleet: string;
  /** Absent without a canary. */
  readonly result?: {
    readonly url: string;
    readonly summary: readonly string[];
    /** Worst first. */
    readonly lines: readonly CanaryRow[];
    readonly ranAtMs?: number;
    /** The last turn that the site answered. */
    readonly turnedAtMs?: number;
    /** It has taken no turn that the site answered for a while: the results are out of date. */
    readonly isOld: boolean;
  };
}

/** A canary takes a turn every 15 minutes at least: two more answers should have followed. */
const OLD_MS = 2 * 15 * 60_000;

export async function readCanaryView(cloud: Pick<OpenCloud, 'canary' | 'fleet'>, nowMs: number): Promise<CanaryView> {
  const record = await ifAllowed(cloud.canary);
  if (record === undefined) return { fleet: cloud.fleet };
  const [first = '', ...more] = canaryLines(record, nowMs);
  return {
    fleet: cloud.fleet,
    result: {
      url: record.url,
      summary: [first.replace(/^canary +/, ''), ...more.map((line) => line.trim())],
      lines: worstFirst(linesOf(record)).map((line) => withCatalogue(line, frameworksOf(linesOf(record)))),
      ...(record.ranAtMs !== undefined && { ranAtMs: record.ranAtMs }),
      ...(record.turnedAtMs !== undefined && { turnedAtMs: record.turnedAtMs }),
      isOld: record.turnedAtMs !== undefined && nowMs - record.turnedAtMs > OLD_MS,
    },
  };
}

function withCatalogue(line: StoredLine, known: readonly Framework[]): CanaryRow {
  // An earlier version's record can have one that is no finding any more.
  if (line.finding === undefined || line.accepted !== undefined || !(line.finding in WEAKNESSES)) return line;
  const { clauses, why } = WEAKNESSES[line.finding];
  const fixes = Object.entries(fixesOf(line.finding, known));
  const fix = Object.fromEntries(fixes.map(([framework, text]) => [FRAMEWORK_NAMES[framework as Framework], text]));
  return { ...line, clauses, why, fix };
}
