/** CreateDocument and its kin. */
import { z } from 'zod';
import { page, tagsByKey } from '../service/parse-input.ts';
import { AwsError, type Operation } from '../service/service.ts';
import type { DocumentStore, DocumentVersion, StoredDocument } from './document-store.ts';
import { pageInput, parseInput, tagList, timestamp } from './input.ts';

const named = z.object({ Name: z.string(), DocumentVersion: z.string().optional(), VersionName: z.string().optional() });
const createInput = z.object({
  Name: z.string(),
  Content: z.string().min(1),
  DocumentType: z.string().default('Command'),
  DocumentFormat: z.string().default('JSON'),
  VersionName: z.string().optional(),
  TargetType: z.string().optional(),
  Tags: tagsByKey,
});
const listInput = pageInput.extend({
  Filters: z.array(z.object({ Key: z.enum(['Owner', 'Name', 'DocumentType']), Values: z.array(z.string()).min(1) })).default([]),
});
const updateInput = named.extend({ Content: z.string().min(1), DocumentFormat: z.string().default('JSON') });

/** Refuses documents that the local agent cannot run. */
function refuseOtherKinds(type: string, format: string): void {
  if (type !== 'Command') throw new AwsError('InvalidDocumentType', `The local cloud runs documents of type Command, not ${type}.`);
  if (format !== 'JSON') throw new AwsError('InvalidDocumentContent', `The local cloud reads documents in JSON, not ${format}.`);
}

export function describeDocument(stored: StoredDocument, version: DocumentVersion): Record<string, unknown> {
  return {
    Name: stored.name,
    Owner: ownerOf(stored),
    Hash: version.hash,
    HashType: 'Sha256',
    CreatedDate: timestamp(version.createdAtMs),
    Status: 'Active',
    DocumentVersion: String(version.version),
    ...(version.versionName === undefined ? {} : { VersionName: version.versionName }),
    Description: version.document.description ?? '',
    Parameters: Object.entries(version.document.parameters).map(([Name, definition]) => ({
      Name,
      Type: definition.type === 'StringList' ? 'StringList' : 'String',
      Description: definition.description ?? '',
      ...(definition.default === undefined
        ? {}
        : { DefaultValue: typeof definition.default === 'string' ? definition.default : JSON.stringify(definition.default) }),
    })),
    PlatformTypes: ['Linux'],
    DocumentType: 'Command',
    DocumentFormat: 'JSON',
    SchemaVersion: version.document.schemaVersion,
    LatestVersion: String(stored.versions.at(-1)?.version),
    DefaultVersion: String(stored.defaultVersion),
    ...(stored.targetType === undefined ? {} : { TargetType: stored.targetType }),
    Tags: tagList(stored.tags),
  };
}

const ownerOf = ({ name }: StoredDocument): string => (name.startsWith('AWS-') ? 'Amazon' : 'Self');

/** A filter on names takes the beginnings of them. */
const passes = (stored: StoredDocument, { Key, Values }: z.infer<typeof listInput>['Filters'][number]): boolean =>
  Key === 'Name' ? Values.some((start) => stored.name.startsWith(start)) : Values.includes(Key === 'Owner' ? ownerOf(stored) : 'Command');

const latest = (stored: StoredDocument): DocumentVersion => stored.versions.at(-1) as DocumentVersion;

export function documentOperations(store: DocumentStore): Record<string, Operation> {
  return {
    CreateDocument(input) {
      const { Name, Content, DocumentType, DocumentFormat, VersionName, TargetType, Tags } = parseInput(createInput, input);
      refuseOtherKinds(DocumentType, DocumentFormat);
      const stored = store.create({ name: Name, content: Content, versionName: VersionName, targetType: TargetType, tags: Tags });
      return { DocumentDescription: describeDocument(stored, latest(stored)) };
    },
    UpdateDocument(input) {
      const { Name, Content, DocumentFormat, DocumentVersion: version, VersionName } = parseInput(updateInput, input);
      refuseOtherKinds('Command', DocumentFormat);
      const stored = store.update({ name: Name, content: Content, documentVersion: version, versionName: VersionName });
      return { DocumentDescription: describeDocument(stored, latest(stored)) };
    },
    DescribeDocument(input) {
      const { Name, DocumentVersion: version } = parseInput(named, input);
      const stored = store.get(Name);
      return { Document: describeDocument(stored, store.version(stored, version)) };
    },
    ListDocuments(input) {
      const { Filters, MaxResults, NextToken } = parseInput(listInput, input);
      const found = store.list().filter((stored) => Filters.every((filter) => passes(stored, filter)));
      const { items, nextToken } = page(found, NextToken, MaxResults);
      const identifiers = items.map((stored) => {
        const { Name, Owner, CreatedDate, DocumentVersion, DocumentType, SchemaVersion, Tags } = describeDocument(
          stored,
          store.version(stored, undefined),
        );
        return { Name, Owner, CreatedDate, DocumentVersion, DocumentType, DocumentFormat: 'JSON', SchemaVersion, Tags };
      });
      return { DocumentIdentifiers: identifiers, ...nextToken };
    },
    GetDocument(input) {
      const { Name, DocumentVersion: version } = parseInput(named, input);
      const stored = store.get(Name);
      const found = store.version(stored, version);
      return {
        Name: stored.name,
        CreatedDate: timestamp(found.createdAtMs),
        DocumentVersion: String(found.version),
        Status: 'Active',
        Content: found.content,
        DocumentType: 'Command',
        DocumentFormat: 'JSON',
      };
    },
    DeleteDocument(input) {
      store.delete(parseInput(named, input).Name);
      return {};
    },
    UpdateDocumentDefaultVersion(input) {
      const { Name, DocumentVersion: version } = parseInput(z.object({ Name: z.string(), DocumentVersion: z.string() }), input);
      const stored = store.setDefault(Name, version);
      return { Description: { Name: stored.name, DefaultVersion: String(stored.defaultVersion) } };
    },
  };
}
