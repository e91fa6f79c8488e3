/** The certificate of a store that runs on this machine. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { createCertificateAuthority } from '#local-aws/tls/authority.ts';

/** Writes key and certificate into `folder`. @returns the authority that clients have to trust, and words of the server's command line */
export async function makeCertificate(folder: string): Promise<{ caPem: string; tlsWords: string[] }> {
  const { caPem, caFile, issue } = await createCertificateAuthority(folder);
  const { key, cert } = await issue(['localhost', '127.0.0.1']);
  const certFile = path.join(folder, 'store.pem');
  const keyFile = path.join(folder, 'store.key');
  writeFileSync(certFile, cert);
  writeFileSync(keyFile, key, { mode: 0o600 });
  const files = ['--tls-cert-file', certFile, '--tls-key-file', keyFile, '--tls-ca-cert-file', caFile];
  return { caPem, tlsWords: [...files, '--tls-auth-clients', 'no'] };
}
