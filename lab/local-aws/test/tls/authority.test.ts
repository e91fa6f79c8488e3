import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCertificateAuthority } from '../../tls/authority.ts';

describe('the local certificate authority', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'authority-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('creates a root whose key only its owner can read', async () => {
    const authority = await createCertificateAuthority(folder);
    expect(new X509Certificate(authority.caPem).ca).toBe(true);
    expect(await readFile(authority.caFile, 'utf8')).toBe(authority.caPem);
    expect((await stat(join(folder, 'ca.key'))).mode & 0o777).toBe(0o600);
  });

  it('keeps the same root when it is opened again', async () => {
    const first = await createCertificateAuthority(folder);
    const second = await createCertificateAuthority(folder);
    expect(second.caPem).toBe(first.caPem);
    const leaf = new X509Certificate((await second.issue(['localhost'])).cert);
    expect(leaf.verify(new X509Certificate(first.caPem).publicKey)).toBe(true);
  });

  it.each(['ca.pem', 'ca.key'])('replaces the root when %s is damaged', async (file) => {
    const first = await createCertificateAuthority(folder);
    await writeFile(join(folder, file), 'not a PEM');
    const second = await createCertificateAuthority(folder);
    expect(second.caPem).not.toBe(first.caPem);
    await expect(second.issue(['localhost'])).resolves.toHaveProperty('key');
  });

  it('issues a certificate for names and addresses that a client with the root accepts', async () => {
    const authority = await createCertificateAuthority(folder);
    const server = createServer(await authority.issue(['localhost', '127.0.0.1']), (_, reply) => reply.end('hello'));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const status = (host: string, ca?: string) =>
      new Promise<number | undefined>((done, failed) => {
        request({ host, port, ca, agent: false }, (reply) => done(reply.resume().statusCode))
          .on('error', failed)
          .end();
      });
    try {
      expect(await status('127.0.0.1', authority.caPem)).toBe(200);
      expect(await status('localhost', authority.caPem)).toBe(200);
      await expect(status('127.0.0.1')).rejects.toThrow(/verify/);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('refuses a certificate without a name', async () => {
    const authority = await createCertificateAuthority(folder);
    await expect(authority.issue([])).rejects.toThrow(TypeError);
  });
});
