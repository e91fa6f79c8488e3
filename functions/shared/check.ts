/** One question about an installation: it is asked wherever its sources are known, and has the same judge and sentences there. Pure. */

import type { HoldfastError } from './errors.ts';
import { capital } from './texts.ts';

/** Who asks: a synthesis, a publication of a release, `doctor`, a dry run, and a deploy before it touches anything. */
export type Asker = 'synth' | 'publish' | 'doctor' | 'dry-run' | 'preflight';

/** From best to worst. `unknown`: it could not be read, so it may be wrong. */
export const SEVERITIES = ['ok', 'notice', 'unknown', 'warning', 'error'] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface Finding {
  /** Name for scripts: `deregistration-delay`. */
  readonly check: string;
  readonly severity: Severity;
  /** What was found: one sentence without a full stop. */
  readonly what: string;
  /** What it means for sessions, users or deploys. */
  readonly why: string;
  /** What to do; empty when there is nothing to do. */
  readonly fix: string;
  /** Name or ARN of the resource. */
  readonly resource: string;
}

/** What a judge says; the rest of the finding is the check's. */
export interface Judged extends Pick<Finding, 'severity' | 'what'>, Partial<Pick<Finding, 'why' | 'fix' | 'resource'>> {
  /** The error that the deploy would end with, or its class: the finding is its message then. */
  readonly refuses?: HoldfastError | (new (message: string) => HoldfastError) | undefined;
}

export interface Check<Facts> {
  /** Checks that ask parts of one question have the same. */
  readonly name: string;
  readonly when: readonly Asker[];
  /** The judge is asked only where all of these are known, and takes into account what ends in `?` where it is known. */
  readonly sources: readonly Stated<Facts>[];
  /** What is looked at, for the table in docs/doctor.md. */
  readonly what: string;
  /** Of a finding that has none of its own. @default what was found says all */
  readonly why?: string;
  /** Of a warning or an error that has none of its own. */
  readonly fix?: string;
  /** Of a finding that has none of its own. @default what the first source is known by */
  readonly resource?: (facts: Facts) => string | undefined;
  readonly judge: (facts: Facts) => Judged | readonly Judged[] | undefined;
}

type Stated<Facts> = (keyof Facts & string) | `${keyof Facts & string}?`;
type Given<Facts, S extends Stated<Facts>> = Pick<Facts, Extract<S, keyof Facts>> & {
  readonly [Name in keyof Facts as `${Name & string}?` extends S ? Name : never]?: Facts[Name] | undefined;
};

/** Makes checks of which each sees the facts that it states, and no others. @param askers of those that name none */
export const checksOf =
  <Facts>(...askers: Asker[]) =>
  <S extends Stated<Facts>>(
    name: string,
    sources: readonly S[],
    check: Omit<Check<Given<Facts, S>>, 'name' | 'sources' | 'when'> & { readonly when?: readonly Asker[] },
  ): Check<Facts> =>
    ({ when: askers, ...check, name, sources }) as unknown as Check<Facts>;

type More = Omit<Judged, 'severity' | 'what' | 'fix'>;
const judged =
  (severity: Severity) =>
  (what: string, fix?: string, more?: More): Judged => ({ severity, what, ...(fix !== undefined && { fix }), ...more });
export const ok = judged('ok');
export const notice = judged('notice');
export const unknown = judged('unknown');
export const warning = judged('warning');
export const error = judged('error');
/** A fault that only a deploy can have: its error says all of it. */
export const refusal = (refuses: HoldfastError): Judged => ({ severity: 'error', what: refuses.message, refuses });

/** What each check says that `asker` asks, as far as its sources are known. */
function judge<Facts>(checks: readonly Check<Facts>[], asker: Asker, facts: Partial<Facts>): readonly (readonly [Check<Facts>, Judged])[] {
  return checks
    .filter(({ when, sources }) => when.includes(asker) && sources.every((source) => source.endsWith('?') || source in facts))
    .flatMap((check) => [check.judge(facts as Facts) ?? []].flat().map((one) => [check, one] as const));
}

export const findingsOf = <Facts>(checks: readonly Check<Facts>[], asker: Asker, facts: Partial<Facts>): readonly Finding[] =>
  judge(checks, asker, facts).map(([check, { severity, what, ...own }]) => ({
    check: check.name,
    severity,
    what,
    why: own.why ?? check.why ?? '',
    fix: own.fix ?? (severity === 'warning' || severity === 'error' ? (check.fix ?? '') : ''),
    resource: own.resource ?? check.resource?.(facts as Facts) ?? nameOf(facts[check.sources[0] as keyof Facts]),
  }));

/** What something is known by: an ARN, an id, a name. */
function nameOf(source: unknown): string {
  const { arn, ruleArn, id, roleName, name, fleet } = Object(source) as Readonly<Record<string, unknown>>;
  return String(arn ?? ruleArn ?? id ?? roleName ?? name ?? fleet ?? source);
}

/** What refuses a deploy, by the names of the checks; each error states one fault with its numbers. */
export const refusalsOf = <Facts>(checks: readonly Check<Facts>[], asker: Asker, facts: Partial<Facts>) =>
  judge(checks, asker, facts).flatMap(([check, one]) => {
    const { refuses } = one;
    if (refuses === undefined) return [];
    const error = typeof refuses === 'function' ? new refuses(`${sentenceOf(check, one)}. Nothing was changed`) : refuses;
    return [{ check: check.name, error }];
  });

export interface Said extends Pick<Finding, 'check' | 'severity'> {
  readonly sentence: string;
}

/** What is found and refuses nothing, as sentences. */
export const saidOf = <Facts>(checks: readonly Check<Facts>[], asker: Asker, facts: Partial<Facts>): readonly Said[] =>
  judge(checks, asker, facts).flatMap(([check, one]) => {
    if (one.refuses !== undefined) return [];
    const text = sentenceOf(check, one);
    // It can begin with a server's id, a key or a file's name, and end with a question.
    const sentence = `${/^(m?i-|[\w-]+[./])/.test(text) ? text : capital(text)}${/[.?]$/.test(text) ? '' : '.'}`;
    return [{ check: check.name, severity: one.severity, sentence }];
  });

/** What a deploy warns of. */
export const warningsOf = <Facts>(...asked: Parameters<typeof saidOf<Facts>>): readonly string[] =>
  saidOf(...asked).flatMap(({ severity, sentence }) => (severity === 'warning' || severity === 'error' ? sentence : []));

/** Without a capital and a full stop. */
const sentenceOf = <Facts>(check: Check<Facts>, { what, why = check.why ?? '', fix = check.fix ?? '' }: Judged): string =>
  `${what}${why === '' ? '' : `: ${why}`}${fix === '' ? '' : why === '' ? `: ${fix}` : `. ${capital(fix)}`}`;
