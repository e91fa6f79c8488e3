/** An SSM document's content: Command documents of schema 2.2, in JSON. */
import { z } from 'zod';
import { AwsError } from '../service/service.ts';
import { whyGoRefuses } from './go-pattern.ts';

const parameterDefinition = z.object({
  type: z.enum(['String', 'StringList', 'Integer', 'Boolean', 'StringMap', 'MapList']),
  description: z.string().optional(),
  default: z.unknown().optional(),
  allowedPattern: z.string().optional(),
  allowedValues: z.array(z.unknown()).optional(),
  minChars: z.coerce.number().optional(),
  maxChars: z.coerce.number().optional(),
  minItems: z.coerce.number().optional(),
  maxItems: z.coerce.number().optional(),
  displayType: z.string().optional(),
  interpolationType: z.enum(['ENV_VAR']).optional(),
});
export type ParameterDefinition = z.infer<typeof parameterDefinition>;

const step = z.object({
  action: z.enum(['aws:runShellScript', 'aws:downloadContent']),
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/),
  precondition: z.record(z.string(), z.array(z.string())).optional(),
  inputs: z.record(z.string(), z.unknown()),
});
export type DocumentStep = z.infer<typeof step>;

const documentContent = z.object({
  schemaVersion: z.literal('2.2'),
  description: z.string().optional(),
  // The agent admits letters and digits only; a parameter with another name is silently left out there.
  parameters: z.record(z.string().regex(/^[a-zA-Z0-9]+$/), parameterDefinition).default({}),
  mainSteps: z.array(step).min(1),
});
export type CommandDocument = z.infer<typeof documentContent>;

/** @throws AwsError InvalidDocumentContent */
export function parseContent(content: string): CommandDocument {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    throw new AwsError('InvalidDocumentContent', 'The content for the document is not valid: it is not JSON.');
  }
  const parsed = documentContent.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new AwsError('InvalidDocumentContent', `The content for the document is not valid: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  refuseUnusable(parsed.data);
  return parsed.data;
}

/** What the schema's shape does not show: names used twice or nowhere defined, patterns that are none. */
function refuseUnusable(document: CommandDocument): void {
  const refuse = (reason: string): never => {
    throw new AwsError('InvalidDocumentContent', `The content for the document is not valid: ${reason}`);
  };
  const names = document.mainSteps.map(({ name }) => name);
  if (new Set(names).size !== names.length) refuse('step names must be unique');
  for (const [, name = ''] of JSON.stringify(document.mainSteps).matchAll(/\{\{\s*([a-zA-Z0-9]+)\s*\}\}/g)) {
    if (document.parameters[name] === undefined) refuse(`parameter ${name} is used and not defined`);
  }
  for (const [name, { allowedPattern }] of Object.entries(document.parameters)) {
    if (allowedPattern === undefined) continue;
    try {
      new RegExp(allowedPattern);
    } catch {
      refuse(`allowedPattern of ${name} is not a regular expression`);
    }
    const why = whyGoRefuses(allowedPattern);
    if (why !== undefined) refuse(`allowedPattern of ${name} is no regular expression of Go, which the agent uses: ${why}`);
  }
}
