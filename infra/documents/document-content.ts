/** What the contents of all documents are made of. */
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

/** Lines that are comments or empty, and docstrings with code behind them: a document has at most 64 KB. No other text has three quotes. */
const COMMENT = /^ *(?:#.*)?\n|^( *)"""(?:[^"]|"(?!""))*"""\n+(?=\1\S)/gm;
/** For the same reason a step is indented by one space. No text goes over two lines. */
const INDENTATION = /^(?: {4})+/gm;

/**
 * A step that runs Python from the document's own text: a server needs no files of Holdfast. Isolated (-I), Python imports
 * nothing from the folder that it runs in, which is the one that the archive is downloaded to, nor from PYTHONPATH or the
 * user's packages.
 */
export function pythonStep(name: string, timeoutSeconds: number, module: string): DocumentStep {
  const script = joinPython(module)
    .replaceAll(COMMENT, '')
    .replaceAll(INDENTATION, (spaces) => ' '.repeat(spaces.length / 4));
  if (script.includes('{{') || /^HOLDFAST$/m.test(script)) throw new Error(`${module}.py: would end the script's text early`);
  return {
    action: 'aws:runShellScript',
    name,
    precondition: LINUX,
    inputs: {
      timeoutSeconds: String(timeoutSeconds),
      runCommand: ["python3 -I - <<'HOLDFAST'", ...script.trimEnd().split('\n'), 'HOLDFAST'],
    },
  };
}
