/** AWS::SSM::Document and AWS::SSM::Parameter, through the code that answers the API. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { tagsByKey } from '../service/parse-input.ts';
import { AwsError, type ProvidedResource, type ResourceProvider } from '../service/service.ts';
import type { DocumentStore } from './document-store.ts';
import { parseInput } from './input.ts';
import type { ParameterStore } from './parameter-store.ts';

const documentProperties = z.object({
  Name: z.string().optional(),
  Content: z.union([z.string(), z.record(z.string(), z.unknown())]),
  DocumentType: z.literal('Command').default('Command'),
  DocumentFormat: z.literal('JSON').default('JSON'),
  UpdateMethod: z.enum(['Replace', 'NewVersion']).default('Replace'),
  TargetType: z.string().optional(),
  VersionName: z.string().optional(),
  Tags: tagsByKey,
});

const parameterProperties = z.object({
  Name: z.string().optional(),
  Type: z.enum(['String', 'StringList']),
  Value: z.string(),
  AllowedPattern: z.string().optional(),
});

/** A name as CloudFormation makes one. */
const generatedName = (stackName: string, logicalId: string): string =>
  `${stackName.slice(0, 50)}-${logicalId.slice(0, 50)}-${randomBytes(6).toString('hex').toUpperCase()}`;

/** Deleting what is already gone succeeds. */
function ignoring(code: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof AwsError && error.code === code)) throw error;
  }
}

/**
 * The default version stays as it is. The user guide has it move to the new one, and users saw it stay: the local cloud does what
 * finds out code that relies on it.
 * @see https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/2539
 */
export function documentProvider(store: DocumentStore): ResourceProvider {
  const text = (content: string | Record<string, unknown>): string => (typeof content === 'string' ? content : JSON.stringify(content));
  const create: ResourceProvider['create'] = async ({ stackName, logicalId, properties }) => {
    const { Name, Content, TargetType, VersionName, Tags } = parseInput(documentProperties, properties);
    const name = Name ?? generatedName(stackName, logicalId);
    store.create({ name, content: text(Content), tags: Tags, targetType: TargetType, versionName: VersionName });
    return { physicalId: name, attributes: {} };
  };
  return {
    create,
    async update(request) {
      const { physicalId, previous, properties } = request;
      const wanted = parseInput(documentProperties, properties);
      const renamed = wanted.Name !== parseInput(documentProperties, previous).Name;
      if (renamed) return create(request);
      if (wanted.UpdateMethod === 'NewVersion') {
        // Only a property other than the content changed: the current version stays.
        ignoring('DuplicateDocumentContent', () => {
          store.update({ name: physicalId, content: text(wanted.Content), versionName: wanted.VersionName });
        });
        return { physicalId, attributes: {} };
      }
      if (wanted.Name !== undefined) {
        throw new AwsError(
          'ValidationError',
          `CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename ${physicalId} and update the stack again.`,
        );
      }
      return create(request);
    },
    async delete({ physicalId }) {
      ignoring('InvalidDocument', () => store.delete(physicalId));
    },
  };
}

export function parameterProvider(store: ParameterStore): ResourceProvider {
  const put = (name: string, properties: Record<string, unknown>, overwrite: boolean): ProvidedResource => {
    const { Type, Value, AllowedPattern } = parseInput(parameterProperties, properties);
    store.put({ name, value: Value, type: Type, overwrite, allowedPattern: AllowedPattern });
    return { physicalId: name, attributes: { Type, Value } };
  };
  return {
    async create({ stackName, logicalId, properties }) {
      return put(parseInput(parameterProperties, properties).Name ?? generatedName(stackName, logicalId), properties, false);
    },
    async update({ physicalId, properties }) {
      const { Name } = parseInput(parameterProperties, properties);
      return put(Name ?? physicalId, properties, Name === undefined || Name === physicalId);
    },
    async delete({ physicalId }) {
      store.delete(physicalId);
    },
    async read(physicalId) {
      const { type, value } = store.get(physicalId);
      return { physicalId, attributes: { Type: type, Value: value } };
    },
  };
}
