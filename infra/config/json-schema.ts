/** The JSON Schema of a configuration, for editors: from the schema that reads it. Rules that join values are `config validate`'s alone. */
import { z } from 'zod';
import { inputsOf } from './created-or-existing.ts';
import './function-meanings.ts';
import { installation } from './installation.ts';

/** A key's `unset` says what applies without it, where a default value cannot. */
export type ConfigurationSchema = z.core.JSONSchema.BaseSchema & { unset?: string };

/** The public schema with the meaning of each key in `description`: keys that only tests set are not in it. */
export function configurationSchema(): ConfigurationSchema {
  const { $schema, ...schema } = describedSchema();
  forEachKey(schema, (part) => {
    part.description = plain([part.description, part.unset === undefined ? '' : `(default: ${part.unset})`].join(' ').trim());
    delete part.unset;
  });
  schema.properties = { $schema: { type: 'string' }, ...schema.properties };
  return { $schema, title: 'Configuration of an installation of Holdfast', ...schema };
}

/** The public schema as the page of the configuration needs it: descriptions with links, and `unset`. */
export function describedSchema(): ConfigurationSchema {
  const schema = toJsonSchema(installation);
  withoutInternal(schema);
  return schema;
}

const toJsonSchema = (schema: z.core.$ZodType): ConfigurationSchema =>
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

const isSchema = (part: unknown): part is ConfigurationSchema => typeof part === 'object' && part !== null && !Array.isArray(part);

/** The schemas directly below one, but for those of its keys. */
export const branchesOf = ({ additionalProperties, items, anyOf = [], oneOf = [] }: ConfigurationSchema): ConfigurationSchema[] =>
  [additionalProperties, items, ...anyOf, ...oneOf].filter(isSchema);

function forEachKey(schema: ConfigurationSchema, change: (part: ConfigurationSchema) => void): void {
  for (const part of Object.values(schema.properties ?? {}).filter(isSchema)) {
    change(part);
    forEachKey(part, change);
  }
  for (const branch of branchesOf(schema)) forEachKey(branch, change);
}

function withoutInternal(schema: ConfigurationSchema): void {
  for (const [key, part] of Object.entries(schema.properties ?? {})) {
    if (isSchema(part) && part['internal'] === true) delete schema.properties?.[key];
    else if (isSchema(part)) withoutInternal(part);
  }
  for (const branch of branchesOf(schema)) withoutInternal(branch);
}

/** Without links and code marks. */
const plain = (text: string): string => text.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('`', '');
