import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorld, healthy, named, send, type World } from '#local-aws/test/elbv2/support.ts';
import { createCertificateAuthority } from '#local-aws/tls/authority.ts';
import { plainListenerChanger } from '../../incident-faults/changes/plain-listener.ts';

const CERTIFICATE = { CertificateArn: 'arn:aws:acm:us-east-1:000000000000:certificate/any' };
const TO_HTTPS = { Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' } };

let folder: string;
let world: World;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plain-listener-'));
  world = createWorld({ listenerPort: (port) => (port === 443 ? 443_443 : undefined) }, await createCertificateAuthority(folder));
});
afterEach(async () => {
  await world.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A client of the load balancers in this process. */
const client = () => {
  const call = (command: { readonly input: object }) =>
    world.call(command.constructor.name.replace(/Command$/, ''), command.input as Record<string, unknown>);
  return { send: call } as unknown as ElasticLoadBalancingV2Client;
};

describe('the load balancer that serves users by plain HTTP', () => {
  it('answers them instead of redirecting them, and redirects them again once the fault is cleared', async () => {
    const target = await world.instance(named('the application'));
    const group = await world.group([target]);
    const { loadBalancer: LoadBalancerArn, port } = await world.front([TO_HTTPS]);
    const DefaultActions = [{ Type: 'forward', TargetGroupArn: group }];
    await world.call('CreateListener', { LoadBalancerArn, Port: '443', Protocol: 'HTTPS', Certificates: [CERTIFICATE], DefaultActions });
    await healthy(world, group, target);
    const changer = plainListenerChanger(client(), 'group-1');

    const before = await changer.prepare({ kind: 'plainListener' });
    expect(await send(port)).toMatchObject({ status: 301 });
    const after = await changer.apply({ kind: 'plainListener' }, before, 'secure-cookie-on-http');
    expect(await send(port)).toMatchObject({ status: 200, body: 'the application' });
    await changer.restore(after, 'secure-cookie-on-http');
    expect(await send(port)).toMatchObject({ status: 301 });
  });

  it('is refused, with nothing changed, where there is no HTTP listener', async () => {
    const group = await world.group();
    const { loadBalancer: LoadBalancerArn, listener: ListenerArn } = await world.front([TO_HTTPS]);
    const DefaultActions = [{ Type: 'forward', TargetGroupArn: group }];
    await world.call('CreateListener', { LoadBalancerArn, Port: '443', Protocol: 'HTTPS', Certificates: [CERTIFICATE], DefaultActions });
    await world.call('DeleteListener', { ListenerArn });
    await expect(plainListenerChanger(client(), 'group-1').prepare({ kind: 'plainListener' })).rejects.toThrow(
      'the load balancer has no HTTP listener; nothing was changed',
    );
  });
});
