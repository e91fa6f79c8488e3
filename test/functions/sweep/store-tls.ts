/** The certificate of a store that runs on this machine. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeCertificate } from '../../../lab/bench/sweep/stores/make-certificate.ts';

export interface StoreTls {
  /** The authority that clients have to trust. */
  readonly caPem: string;
  /** Words of the server's command line. */
  readonly words: readonly string[];
  remove(): void;
}

export async function makeTls(): Promise<StoreTls> {
  const folder = mkdtempSync(path.join(tmpdir(), 'store-tls-'));
  const { caPem, tlsWords } = await makeCertificate(folder);
  return {
    caPem,
    words: [...tlsWords, '--tls-replication', 'yes', '--tls-cluster', 'yes'],
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
