import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CertificateAuthority } from '../../interfaces.ts';
import { createCertificateAuthority } from '../../tls/authority.ts';
import { createWorld, healthy, named, send, type World } from './support.ts';

// ELB user guide, create-https-listener.
describe('an HTTPS listener', () => {
  let world: World;
  let folder: string;
  let authority: CertificateAuthority;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'https-listener-'));
    authority = await createCertificateAuthority(folder);
    world = createWorld({ listenerPort: (port) => (port === 443 ? 443_443 : undefined) }, authority);
  });
  afterEach(async () => {
    await world.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const ask = (host: string, port: number) =>
    new Promise<number | undefined>((done, failed) => {
      request({ host, port, ca: authority.caPem, agent: false }, (reply) => done(reply.resume().statusCode))
        .on('error', failed)
        .end();
    });

  it('presents a certificate that clients of the local cloud trust, and sends the target X-Forwarded-Proto https', async () => {
    const target = await world.instance(named('x'));
    const group = await world.group([target]);
    const { loadBalancer } = await world.front(group);
    await world.call('CreateListener', {
      LoadBalancerArn: loadBalancer,
      Port: '443',
      Protocol: 'HTTPS',
      Certificates: [{ CertificateArn: 'arn:aws:acm:us-east-1:000000000000:certificate/any' }],
      DefaultActions: [{ Type: 'forward', TargetGroupArn: group }],
    });
    const address = world.elb.addressOf(loadBalancer, 443);
    expect(address?.protocol).toBe('HTTPS');
    expect(await ask('127.0.0.1', address?.port ?? 0)).toBe(200);
    expect(await ask('localhost', address?.port ?? 0)).toBe(200);
    expect(target.requests[0]?.headers).toMatchObject({ 'x-forwarded-proto': 'https', 'x-forwarded-port': String(address?.port) });
  });

  // ELB user guide, load-balancer-target-groups, Routing configuration: certificates of targets are not validated.
  it('reaches HTTPS targets whatever certificate they have', async () => {
    const { key, cert } = await (await createCertificateAuthority(join(folder, 'other'))).issue(['unknown.example']);
    const server = createServer({ key, cert }, named('secret'));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const port = (server.address() as AddressInfo).port;
    const other = createWorld({}, authority, () => ({ host: '127.0.0.1', port }));
    const instance = { id: 'i-00000000000000001' };
    try {
      const group = await other.group([instance], { Protocol: 'HTTPS', HealthCheckProtocol: 'HTTPS' });
      const front = await other.front(group);
      await healthy(other, group, instance);
      expect(await send(front.port)).toMatchObject({ status: 200, body: 'secret' });
    } finally {
      await other.stop();
      server.closeAllConnections();
      server.close();
    }
  });

  it('is where a redirect from HTTP to port 443 leads', async () => {
    const RedirectConfig = { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' };
    const { loadBalancer, port } = await world.front([{ Type: 'redirect', RedirectConfig }]);
    const Certificates = [{ CertificateArn: 'arn:aws:acm:us-east-1:000000000000:certificate/any' }];
    const DefaultActions = [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200' } }];
    await world.call('CreateListener', { LoadBalancerArn: loadBalancer, Port: '443', Protocol: 'HTTPS', Certificates, DefaultActions });
    const reply = await send(port, '/a', { headers: { Host: 'localhost' } });
    expect(reply.status).toBe(301);
    expect(reply.headers.location).toBe(`https://localhost:${world.elb.addressOf(loadBalancer, 443)?.port}/a`);
  });
});
