/** Parts of the contents of SSM documents: content, parameters and steps. */
import { HOW_TO_READ, packed, scriptOf } from './join-python.ts';

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

/** Isolated (-I): nothing is imported from the folder of the downloaded archive, from PYTHONPATH or the user's packages. */
export function pythonStep(name: string, timeoutSeconds: number | string, module: string): DocumentStep {
  const script = packed(scriptOf(module));
  return shellStep(name, timeoutSeconds, [
    "python3 -I - <<'HOLDFAST'",
    HOW_TO_READ,
    'import base64, gzip',
    `exec(compile(gzip.decompress(base64.b64decode("${script}")), "${module}.py", "exec"))`,
    'HOLDFAST',
  ]);
}

/** A step that runs these lines by the shell. */
export const shellStep = (name: string, timeoutSeconds: number | string, runCommand: readonly string[]): DocumentStep => ({
  action: 'aws:runShellScript',
  name,
  precondition: LINUX,
  inputs: { timeoutSeconds: String(timeoutSeconds), runCommand },
});
