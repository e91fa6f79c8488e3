import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ACMClient, DescribeCertificateCommand, RequestCertificateCommand } from '@aws-sdk/client-acm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAcmService } from '../../acm/service.ts';
import { type Gateway, startGateway } from '../../gateway/gateway.ts';
import { createCertificateAuthority } from '../../tls/authority.ts';
import { ROOT } from '../root-credentials.ts';

let folder: string;
let gateway: Gateway;
let acm: ACMClient;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast-acm-'));
  const authority = await createCertificateAuthority(folder);
  const { cert } = await authority.issue(['localhost', '127.0.0.1']);
  gateway = await startGateway({
    services: [createAcmService(async () => cert)],
    emulator: { url: 'http://127.0.0.1:9', token: '' },
    port: 0,
    region: 'us-east-1',
    log: () => {},
    onLogLine: () => {},
  });
  acm = new ACMClient({ region: 'us-east-1', endpoint: gateway.url, credentials: ROOT, maxAttempts: 1 });
});
afterAll(async () => {
  acm.destroy();
  await gateway.close();
  rmSync(folder, { recursive: true });
});

it('describes the certificate that the listeners present for any ARN', async () => {
  const CertificateArn = 'arn:aws:acm:us-east-1:000000000000:certificate/00000000-0000-4000-8000-000000000000';
  const { Certificate } = await acm.send(new DescribeCertificateCommand({ CertificateArn }));
  expect(Certificate).toMatchObject({ CertificateArn, Status: 'ISSUED', DomainName: 'localhost', SubjectAlternativeNames: ['localhost'] });
  const days = (Number(Certificate?.NotAfter) - Date.now()) / 86_400_000;
  expect([days > 360, days < 370]).toEqual([true, true]);
});

it('refuses everything else', async () => {
  await expect(acm.send(new RequestCertificateCommand({ DomainName: 'example.com' }))).rejects.toThrow(
    'RequestCertificate is not emulated',
  );
  await expect(acm.send(new DescribeCertificateCommand({ CertificateArn: 'localhost' }))).rejects.toThrow('CertificateArn');
});
