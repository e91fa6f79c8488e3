/** The documents of the account, each with its versions. */
import { createHash } from 'node:crypto';
import { AwsError } from '../service/service.ts';
import { type CommandDocument, parseContent } from './document-content.ts';

export interface DocumentVersion {
  readonly version: number;
  readonly content: string;
  readonly document: CommandDocument;
  /** SHA-256 of the content, lower-case hex. */
  readonly hash: string;
  readonly createdAtMs: number;
  readonly versionName?: string;
}

export interface StoredDocument {
  readonly name: string;
  readonly versions: readonly DocumentVersion[];
  readonly defaultVersion: number;
  readonly targetType?: string;
  readonly tags: Readonly<Record<string, string>>;
}

const NAME = /^[a-zA-Z0-9_\-.]{3,128}$/;
/** Prefixes that AWS keeps for itself. */
const RESERVED = /^(aws|amazon|amzn)/i;
const MOST_VERSIONS = 1_000;

/** What AWS provides in every account. */
const PROVIDED: Readonly<Record<string, object>> = {
  'AWS-RunShellScript': {
    schemaVersion: '2.2',
    description: 'Run a shell script or specify the commands to run.',
    parameters: {
      commands: { type: 'StringList', description: '(Required) Specify a shell script or a command to run.', minItems: 1 },
      workingDirectory: { type: 'String', default: '', maxChars: 4096 },
      executionTimeout: {
        type: 'String',
        default: '3600',
        allowedPattern: '([1-9][0-9]{0,4})|(1[0-6][0-9]{4})|(17[0-1][0-9]{3})|(172[0-7][0-9]{2})|(172800)',
      },
    },
    mainSteps: [
      {
        action: 'aws:runShellScript',
        name: 'runShellScript',
        inputs: { runCommand: '{{ commands }}', workingDirectory: '{{ workingDirectory }}', timeoutSeconds: '{{ executionTimeout }}' },
      },
    ],
  },
};

export class DocumentStore {
  readonly #documents = new Map<string, StoredDocument>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
    for (const [name, content] of Object.entries(PROVIDED)) {
      this.#documents.set(name, { name, versions: [this.#version(1, JSON.stringify(content))], defaultVersion: 1, tags: {} });
    }
  }

  /** @throws AwsError DocumentAlreadyExists, InvalidDocumentContent, ValidationException */
  create(request: {
    name: string;
    content: string;
    versionName?: string;
    targetType?: string;
    tags: Readonly<Record<string, string>>;
  }): StoredDocument {
    const { name, content, versionName, targetType, tags } = request;
    if (!NAME.test(name) || RESERVED.test(name)) throw new AwsError('ValidationException', `Document name ${name} is not valid.`);
    if (this.#documents.has(name)) throw new AwsError('DocumentAlreadyExists', `Document with same name ${name} already exists`);
    const stored: StoredDocument = {
      name,
      versions: [this.#version(1, content, versionName)],
      defaultVersion: 1,
      tags,
      ...(targetType === undefined ? {} : { targetType }),
    };
    this.#documents.set(name, stored);
    return stored;
  }

  /** Adds a version. @throws AwsError InvalidDocument, DuplicateDocumentContent, InvalidDocumentVersion, DocumentVersionLimitExceeded */
  update(request: { name: string; content: string; documentVersion?: string; versionName?: string }): StoredDocument {
    const stored = this.get(request.name);
    const base = this.version(stored, request.documentVersion ?? '$LATEST');
    if (base.version !== stored.versions.at(-1)?.version)
      throw new AwsError('InvalidDocumentVersion', 'The document version is not the latest one.');
    const next = this.#version(base.version + 1, request.content, request.versionName);
    const same = stored.versions.find(({ hash }) => hash === next.hash);
    if (same)
      throw new AwsError(
        'DuplicateDocumentContent',
        `The content of the association document matches version ${same.version}. Change the content.`,
      );
    if (stored.versions.length >= MOST_VERSIONS) throw new AwsError('DocumentVersionLimitExceeded', 'The document has too many versions.');
    return this.#put({ ...stored, versions: [...stored.versions, next] });
  }

  /** @throws AwsError InvalidDocument, InvalidDocumentVersion */
  setDefault(name: string, documentVersion: string): StoredDocument {
    const stored = this.get(name);
    return this.#put({ ...stored, defaultVersion: this.version(stored, documentVersion).version });
  }

  /** @throws AwsError InvalidDocument */
  delete(name: string): void {
    if (PROVIDED[name] !== undefined || !this.#documents.delete(this.get(name).name))
      throw new AwsError('InvalidDocument', `Document with name ${name} does not exist.`);
  }

  list(): readonly StoredDocument[] {
    return [...this.#documents.values()];
  }

  /** Finds a document by its name or ARN. @throws AwsError InvalidDocument */
  get(nameOrArn: string): StoredDocument {
    const name = nameOrArn.startsWith('arn:') ? nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1) : nameOrArn;
    const stored = this.#documents.get(name);
    if (stored === undefined) throw new AwsError('InvalidDocument', `Document with name ${name} does not exist.`);
    return stored;
  }

  /** `$DEFAULT`, `$LATEST` or a number. @throws AwsError InvalidDocumentVersion */
  version(stored: StoredDocument, documentVersion = '$DEFAULT'): DocumentVersion {
    const latest = stored.versions.at(-1)?.version;
    const wanted =
      documentVersion === '$LATEST' ? latest : documentVersion === '$DEFAULT' ? stored.defaultVersion : Number(documentVersion);
    const found = stored.versions.find(({ version }) => version === wanted);
    if (found === undefined)
      throw new AwsError('InvalidDocumentVersion', `Document version ${documentVersion} of ${stored.name} does not exist.`);
    return found;
  }

  #put(stored: StoredDocument): StoredDocument {
    this.#documents.set(stored.name, stored);
    return stored;
  }

  #version(version: number, content: string, versionName?: string): DocumentVersion {
    return {
      version,
      content,
      document: parseContent(content),
      hash: createHash('sha256').update(content).digest('hex'),
      createdAtMs: this.#now(),
      ...(versionName === undefined ? {} : { versionName }),
    };
  }
}
