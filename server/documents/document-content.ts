/** Parts of the contents of SSM documents: content, parameters and steps. */
import { joinPython } from './join-python.ts';

export interface DocumentParameter {
  readonly type: 'String';
  readonly description: string;
  readonly allowedPattern: string;
  readonly default?: string;
  readonly interpolationType?: 'ENV_VAR';
}

interface DocumentStep {
  readonly action: string;
  readonly name: string;
  readonly precondition: { readonly StringEquals: readonly [string, string] };
  readonly inputs: Readonly<Record<string, unknown>>;
}

export interface DocumentContent {
  readonly schemaVersion: '2.2';
  readonly description: string;
  readonly parameters: Readonly<Record<string, DocumentParameter>>;
  readonly mainSteps: readonly DocumentStep[];
}

/** The content of a document, in the form of CreateDocument and AWS::SSM::Document. */
export const documentOf = (
  description: string,
  parameters: Readonly<Record<string, DocumentParameter>>,
  ...mainSteps: readonly DocumentStep[]
): DocumentContent => ({ schemaVersion: '2.2', description, parameters, mainSteps });

/** A parameter's pattern. */
export const NUMBER = '^[0-9]{1,15}$';

/** A parameter that the script reads as SSM_<name>; it is never part of the script's text. */
export const variable = (description: string, allowedPattern: string, fallback?: string): DocumentParameter => ({
  type: 'String',
  description,
  allowedPattern,
  interpolationType: 'ENV_VAR',
  ...(fallback === undefined ? {} : { default: fallback }),
});

export const LINUX = { StringEquals: ['platformType', 'Linux'] } as const;

/**
 * What a step's script is sent without, because a document has at most 64 KB: lines that are comments or empty, and docstrings with code
 * behind them. The scripts use three quotes for docstrings alone.
 */
const COMMENT = /^ *(?:#.*)?\n|^( *)"""(?:[^"]|"(?!""))*"""\n+(?=\1\S)/gm;
/** For the same reason the script is indented by one space per level. No string of it but docstrings goes over several lines. */
const INDENTATION = /^(?: {4})+/gm;
/** Texts (docstrings first), and operators with the spaces around them, but for those that begin or end a line. */
const TEXT_OR_OPERATOR = /"""[\s\S]*?"""|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|(?<=\S) *([-=+*/%<>|&,:!]+) *(?=\S)|\bself\b/g;
/**
 * The same program in fewer characters: operators without spaces; `S` for `self`; and single quotes, which are one character of a document
 * and not two, around texts without quotes.
 */
export const compact = (script: string): string =>
  script.replaceAll(TEXT_OR_OPERATOR, (text: string, operator?: string) => {
    if (operator !== undefined) return operator;
    if (text === 'self') return 'S';
    return /^"""|'|\\"/.test(text) ? text : `'${text.slice(1, -1)}'`;
  });

/** A definition at the outermost level, until what follows it. */
const DEFINITION = /^(?:(?:def|class) )?(\w+)(?= = |[(:])[\s\S]*?\n(?=[^\s)\]}])/gm;

/** The script without what its neighbours define and it never names: its neighbours serve other documents too. */
function withoutUnused(script: string): string {
  const less = script.replace(DEFINITION, (whole, name: string) => {
    const isDefinition = /^(?:def|class) |^\w+ = /.test(whole);
    return !isDefinition || (script.match(new RegExp(`\\b${name}\\b`, 'g'))?.length ?? 0) > 1 ? whole : '';
  });
  return less === script ? script : withoutUnused(less);
}

const TEXT_OR_NAME = /"""[\s\S]*?"""|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\b[A-Za-z_]{4,}\b/g;
/** What a script defines at its outermost level, but for errors, whose names are shown. */
const OWN_NAME = /^(?:def ([A-Za-z_]{4,})(?=\()|class ([A-Za-z]{4,})(?=:)|([A-Z][A-Z_]{3,})(?= =))/gm;

/** The script with short names of its own constants, functions and classes, outside of texts; but for those that something else has too. */
function withShortNames(script: string): string {
  const own = [...script.matchAll(OWN_NAME)].map((names) => names.slice(1).join(''));
  const isOthers = (name: string) => new RegExp(`\\.${name}\\b|\\b${name}=(?!=)|\\bimport .*\\b${name}\\b|["']${name}["']`).test(script);
  const short = new Map(own.filter((name) => !isOthers(name)).map((name, at) => [name, `K${at.toString(36)}`]));
  return script.replaceAll(TEXT_OR_NAME, (text) => short.get(text) ?? text);
}

/**
 * A step that runs Python from the document's own text: a server needs no files of Holdfast. Isolated (-I), Python imports
 * nothing from the folder that it runs in, which is the one that the archive is downloaded to, nor from PYTHONPATH or the
 * user's packages.
 */
export function pythonStep(name: string, timeoutSeconds: number, module: string): DocumentStep {
  const whole = withoutUnused(joinPython(module).replaceAll(COMMENT, ''));
  const indented = (text: string) => text.replaceAll(INDENTATION, (spaces) => ' '.repeat(spaces.length / 4));
  // The others have room, and their tests change what stands in their lines.
  const isFull = module === 'read_access_log';
  const script = isFull ? compact(indented(withShortNames(whole))) : indented(whole);
  if (script.includes('{{') || /^HOLDFAST$/m.test(script)) throw new Error(`${module}.py: would end the script's text early`);
  // As one text, a line is one character shorter than as one of the list.
  const lines = isFull ? [script.trimEnd()] : script.trimEnd().split('\n');
  return shellStep(name, timeoutSeconds, ["python3 -I - <<'HOLDFAST'", ...lines, 'HOLDFAST']);
}

/** A step that runs these lines by the shell. */
export const shellStep = (name: string, timeoutSeconds: number, runCommand: readonly string[]): DocumentStep => ({
  action: 'aws:runShellScript',
  name,
  precondition: LINUX,
  inputs: { timeoutSeconds: String(timeoutSeconds), runCommand },
});
