/** The JSON Schema of a configuration, for editors: from the schema that reads it. Rules that join values are `config validate`'s alone. */
import { z } from 'zod';
import { inputsOf } from './created-or-existing.ts';
import { installation } from './installation.ts';

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** @param describe the meaning of a key, by the path to it: `fleets.*.deploy.bakeSeconds` */
export function configurationSchema(describe: (path: string) => string | undefined = () => undefined): JsonSchema {
  const { $schema, ...schema } = toJsonSchema(installation);
  schema.properties = { $schema: { type: 'string' }, ...schema.properties };
  addDescriptions(schema, '', describe);
  return { $schema, title: 'Configuration of an installation of Holdfast', ...schema };
}

const toJsonSchema = (schema: z.core.$ZodType): JsonSchema =>
  z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      const inputs = inputsOf(zodSchema);
      if (inputs === undefined) return;
      const alternatives = inputs.map((input) => {
        const { $schema, ...alternative } = toJsonSchema(input);
        return alternative;
      });
      Object.assign(jsonSchema, alternatives.length === 1 ? alternatives[0] : { anyOf: alternatives });
    },
  });

function addDescriptions(schema: JsonSchema, path: string, describe: (path: string) => string | undefined): void {
  const at = (key: string) => (path === '' ? key : `${path}.${key}`);
  for (const [key, part] of Object.entries(schema.properties ?? {})) {
    if (typeof part !== 'object') continue;
    const description = describe(at(key));
    if (description !== undefined) part.description = description;
    addDescriptions(part, at(key), describe);
  }
  if (typeof schema.additionalProperties === 'object') addDescriptions(schema.additionalProperties, at('*'), describe);
  if (typeof schema.items === 'object' && !Array.isArray(schema.items)) addDescriptions(schema.items, path, describe);
  for (const alternative of schema.anyOf ?? []) if (typeof alternative === 'object') addDescriptions(alternative, path, describe);
}
