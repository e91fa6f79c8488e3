/** A certificate authority for the local cloud: one root, kept in a folder, that signs leaf certificates on demand. */
import './reflect-metadata.ts';
import { createPrivateKey, randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
  X509Certificate as X509Root,
} from '@peculiar/x509';
import type { CertificateAuthority } from '../interfaces.ts';

const DAY_MS = 86_400_000;
const ROOT_DAYS = 3650;
/** Below the 398 days that browsers accept. */
const LEAF_DAYS = 365;
/** A root with less validity left than this is replaced, so that no leaf outlives it. */
const ROOT_RENEWAL_DAYS = LEAF_DAYS + 30;
const SUBJECT = 'CN=Holdfast local authority, O=Holdfast local cloud';
const KEY_ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' } as const;

/**
 * The authority whose root is `folder/ca.pem` with its key in `folder/ca.key` (mode 0600). Both are made when missing,
 * unreadable, not a pair, or close to their end; otherwise they are used again, so that a trust once given holds.
 */
export async function createCertificateAuthority(folder: string): Promise<CertificateAuthority> {
  await mkdir(folder, { recursive: true });
  const caFile = join(folder, 'ca.pem');
  const keyFile = join(folder, 'ca.key');
  const kept = await readRoot(caFile, keyFile);
  const { caPem, keyPem } = kept ?? (await makeRoot());
  if (kept === undefined) {
    await writePrivate(keyFile, keyPem);
    await writeFile(caFile, caPem);
  }
  const root = new X509Root(caPem);
  const signingKey = await webcrypto.subtle.importKey('pkcs8', pkcs8(keyPem), KEY_ALGORITHM, false, ['sign']);
  return { caPem, caFile, issue: (names) => issueLeaf(root, signingKey, names) };
}

async function readRoot(caFile: string, keyFile: string): Promise<{ caPem: string; keyPem: string } | undefined> {
  try {
    const [caPem, keyPem] = await Promise.all([readFile(caFile, 'utf8'), readFile(keyFile, 'utf8')]);
    const root = new X509Certificate(caPem);
    const lasts = Date.parse(root.validTo) - Date.now() > ROOT_RENEWAL_DAYS * DAY_MS;
    if (!root.ca || !lasts || !root.checkPrivateKey(createPrivateKey(keyPem))) return undefined;
    await chmod(keyFile, 0o600);
    return { caPem, keyPem };
  } catch {
    return undefined;
  }
}

async function makeRoot(): Promise<{ caPem: string; keyPem: string }> {
  const keys = await webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: serialNumber(),
      name: SUBJECT,
      notBefore: new Date(Date.now() - DAY_MS),
      notAfter: new Date(Date.now() + ROOT_DAYS * DAY_MS),
      signingAlgorithm: SIGNATURE,
      keys,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return { caPem: `${certificate.toString('pem')}\n`, keyPem: await privatePem(keys.privateKey) };
}

async function issueLeaf(
  root: X509Root,
  signingKey: webcrypto.CryptoKey,
  names: readonly string[],
): Promise<{ key: string; cert: string }> {
  const [first] = names;
  if (first === undefined) throw new TypeError('a certificate needs at least one name');
  const keys = await webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.create(
    {
      serialNumber: serialNumber(),
      subject: [{ CN: [first] }],
      issuer: root.subject,
      notBefore: new Date(Date.now() - DAY_MS),
      notAfter: new Date(Date.now() + LEAF_DAYS * DAY_MS),
      signingAlgorithm: SIGNATURE,
      publicKey: keys.publicKey,
      signingKey,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
        new SubjectAlternativeNameExtension(names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value }))),
        await SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
        await AuthorityKeyIdentifierExtension.create(root, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return { key: await privatePem(keys.privateKey), cert: `${certificate.toString('pem')}\n` };
}

/** Positive and 16 bytes long, as RFC 5280 wants. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes.writeUInt8((bytes.readUInt8(0) & 0x3f) | 0x40, 0);
  return bytes.toString('hex');
}

async function privatePem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ format: 'pem', type: 'pkcs8' }).toString();
}

function pkcs8(pem: string): Buffer {
  return createPrivateKey(pem).export({ format: 'der', type: 'pkcs8' });
}

/** Written to a temporary file and renamed, so that the key is never readable by others or incomplete. */
async function writePrivate(file: string, text: string): Promise<void> {
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, text, { mode: 0o600 });
  await rename(draft, file);
}
