/** Finds files of a release that usually hold a secret: for everyone who can read the release, its servers included. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReleaseFile } from './list-files.ts';

/** A certificate can come before the key; no key file is longer. */
const READ_BYTES = 65_536;

interface SecretKind {
  readonly name: RegExp;
  readonly what: string;
  /** What its content has where it is a secret. @default it is one whatever is in it */
  readonly content?: RegExp;
}

/** By the path in the release. Templates of settings, without values, are published on purpose. */
const KINDS: readonly SecretKind[] = [
  { name: /(^|\/)\.(git|hg|svn)$/, what: 'the history of the code' },
  { name: /(^|\/)\.env([.-](?!(.*[.-])?(example|sample|template|dist|defaults?)$)[^/]+)?$/i, what: 'settings, often with passwords' },
  { name: /(^|\/)id_(rsa|dsa|ecdsa|ed25519)$/, what: 'a private key' },
  { name: /\.(pem|key)$/i, what: 'a private key', content: /-----BEGIN [A-Z ]*PRIVATE KEY/ },
  { name: /(^|\/)\.npmrc$/, what: 'a token of a package registry', content: /^\s*[^#;\n]*_(authToken|auth|password)\s*=\s*(?!\$\{)\S/m },
  { name: /(^|\/)\.aws\/credentials$/, what: 'credentials of AWS' },
  { name: /(^|\/)(\.netrc|\.pgpass|\.git-credentials)$/, what: 'passwords' },
];

export interface SecretFile {
  /** Path in the release. */
  readonly name: string;
  readonly what: string;
}

/** @param folder the release's */
export async function findSecrets(folder: string, files: readonly ReleaseFile[]): Promise<readonly SecretFile[]> {
  const found: SecretFile[] = [];
  for (const { type, name } of files) {
    const kind = type === 'symlink' ? undefined : KINDS.find((each) => each.name.test(name));
    // What is below the history is in it.
    if (kind === undefined || found.some((each) => name.startsWith(`${each.name}/`))) continue;
    if (kind.content && (type !== 'file' || !kind.content.test(await headOf(join(folder, name))))) continue;
    found.push({ name, what: kind.what });
  }
  return found;
}

async function headOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(READ_BYTES), 0, READ_BYTES, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Warned about, and published: a server can need such a file, and a release is read by its servers and publishers alone. */
export function secretWarning(secrets: readonly SecretFile[]): string {
  const shown = secrets.slice(0, 10).map(({ name, what }) => `  ${name} (${what})`);
  const more = secrets.length > shown.length ? [`  and ${secrets.length - shown.length} more`] : [];
  return [
    `warning: the release contains ${secrets.length === 1 ? 'a file' : `${secrets.length} files`} that can hold secrets, for everyone who can read releases, and each server:`,
    ...shown,
    ...more,
    'They are published as well. If that was not meant, publish a folder without them under a new version, and replace the secrets.',
  ].join('\n');
}
