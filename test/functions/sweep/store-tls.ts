/** The certificate of a store that runs on this machine. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createCertificateAuthority } from '../../../local/aws/tls/authority.ts';

export interface StoreTls {
  /** Whom clients have to trust. */
  readonly caPem: string;
  /** Of the server's command line. */
  readonly words: readonly string[];
  remove(): void;
}

export async function makeTls(): Promise<StoreTls> {
  const folder = mkdtempSync(path.join(tmpdir(), 'store-tls-'));
  const { caPem, caFile, issue } = await createCertificateAuthority(folder);
  const { key, cert } = await issue(['localhost', '127.0.0.1']);
  const certFile = path.join(folder, 'store.pem');
  const keyFile = path.join(folder, 'store.key');
  writeFileSync(certFile, cert);
  writeFileSync(keyFile, key, { mode: 0o600 });
  const files = ['--tls-cert-file', certFile, '--tls-key-file', keyFile, '--tls-ca-cert-file', caFile];
  return {
    caPem,
    words: [...files, '--tls-auth-clients', 'no', '--tls-replication', 'yes', '--tls-cluster', 'yes'],
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
