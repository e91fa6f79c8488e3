/** A local Elastic Load Balancing with real sockets, and small HTTP servers to put behind it. */
import { type Agent, createServer, type IncomingMessage, type RequestListener, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from '../../../../test/until.ts';
import type { FailedRequest } from '../../elbv2/data-plane/failed-requests.ts';
import { createElbv2Service, type Elbv2Service, type GivenSettings } from '../../elbv2/service.ts';
import type { CertificateAuthority, MetricDatum, TargetResolver } from '../../interfaces.ts';
import type { CallContext } from '../../service/service.ts';

/** One AWS second of delays and time-outs in these tests. */
export const SECOND_MS = 20;

const CALLER: CallContext = { region: 'us-east-1', accountId: '000000000000', accessKeyId: 'test' };

export interface World {
  readonly elb: Elbv2Service;
  readonly metrics: MetricDatum[];
  /** What did not end well, in order. */
  readonly failed: FailedRequest[];
  call<T = Record<string, never>>(operation: string, input: Record<string, unknown>): Promise<T>;
  /** Starts a server and gives it an instance id. */
  instance(handler: RequestListener, configure?: (server: Server) => void): Promise<Instance>;
  /** A group with these targets and quick health checks on /health. */
  group(targets?: readonly Pick<Instance, 'id'>[], more?: GroupSettings): Promise<string>;
  /** A load balancer with a listener on port 80; gives its ARNs and local port. */
  front(defaultActions: unknown, attributes?: Record<string, string>): Promise<Front>;
  state(group: string, instance: Pick<Instance, 'id'>): Promise<{ State: string; Reason?: string; Description?: string }>;
  stop(): Promise<void>;
}
export interface GroupSettings {
  readonly attributes?: Record<string, string>;
  readonly [property: string]: unknown;
}
export interface Instance {
  readonly id: string;
  readonly server: Server;
  /** Requests that were not health checks. */
  readonly requests: IncomingMessage[];
  stop(): Promise<void>;
}
export interface Front {
  readonly loadBalancer: string;
  readonly listener: string;
  readonly port: number;
}
export interface Reply {
  readonly status: number;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
}

const NO_CERTIFICATES: CertificateAuthority = {
  caPem: '',
  caFile: '',
  issue: () => Promise.reject(new Error('no certificates in this test')),
};

export function createWorld(
  settings: GivenSettings = {},
  certificates: CertificateAuthority = NO_CERTIFICATES,
  resolve?: TargetResolver['resolve'],
  isOnPremises?: TargetResolver['isOnPremises'],
): World {
  const ports = new Map<string, number>();
  const instances: Instance[] = [];
  const metrics: MetricDatum[] = [];
  const failed: FailedRequest[] = [];
  let names = 0;
  const elb = createElbv2Service({
    now: Date.now,
    region: 'us-east-1',
    resolver: {
      resolve:
        resolve ??
        ((id) => {
          const port = ports.get(id);
          return port === undefined ? undefined : { host: '127.0.0.1', port };
        }),
      ...(isOnPremises && { isOnPremises }),
    },
    metrics: { record: (data) => metrics.push(...data) },
    certificates,
    log: () => {},
    onFailure: (what) => failed.push(what),
    settings: { secondMs: SECOND_MS, healthCheckSecondMs: 5, ...settings },
  });
  const call = async <T>(operation: string, input: Record<string, unknown>): Promise<T> => {
    const run = elb.operations[operation];
    if (run === undefined) throw new Error(`no operation ${operation}`);
    return (await run(input, CALLER)) as T;
  };
  const attributeList = (attributes: Record<string, string>) => Object.entries(attributes).map(([Key, Value]) => ({ Key, Value }));

  return {
    elb,
    metrics,
    failed,
    call,
    async instance(handler, configure) {
      const requests: IncomingMessage[] = [];
      const server = createServer((req, res) => {
        if (!req.headers['user-agent']?.startsWith('ELB-HealthChecker')) requests.push(req);
        handler(req, res);
      });
      server.keepAliveTimeout = 60_000;
      configure?.(server);
      const id = `i-${String(instances.length + 1).padStart(17, '0')}`;
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      ports.set(id, (server.address() as AddressInfo).port);
      const stop = () =>
        new Promise<void>((done) => {
          server.close(() => done());
          server.closeAllConnections();
        });
      const instance = { id, server, requests, stop };
      instances.push(instance);
      return instance;
    },
    async group(targets = [], { attributes = {}, ...more } = {}) {
      names += 1;
      const created = await call<{ TargetGroups: { TargetGroupArn: string }[] }>('CreateTargetGroup', {
        Name: `group-${names}`,
        Protocol: 'HTTP',
        Port: '8080',
        VpcId: 'vpc-1',
        HealthCheckPath: '/health',
        HealthCheckIntervalSeconds: '10',
        HealthCheckTimeoutSeconds: '9',
        HealthyThresholdCount: '2',
        UnhealthyThresholdCount: '3',
        ...more,
      });
      const TargetGroupArn = created.TargetGroups[0]?.TargetGroupArn ?? '';
      if (Object.keys(attributes).length > 0) {
        await call('ModifyTargetGroupAttributes', { TargetGroupArn, Attributes: attributeList(attributes) });
      }
      if (targets.length > 0) await call('RegisterTargets', { TargetGroupArn, Targets: targets.map(({ id }) => ({ Id: id })) });
      return TargetGroupArn;
    },
    async front(DefaultActions, attributes = {}) {
      names += 1;
      const created = await call<{ LoadBalancers: { LoadBalancerArn: string }[] }>('CreateLoadBalancer', {
        Name: `lb-${names}`,
        Subnets: ['subnet-1'],
      });
      const loadBalancer = created.LoadBalancers[0]?.LoadBalancerArn ?? '';
      await call('ModifyLoadBalancerAttributes', { LoadBalancerArn: loadBalancer, Attributes: attributeList(attributes) });
      const actions = typeof DefaultActions === 'string' ? [forwardTo(DefaultActions)] : DefaultActions;
      const { Listeners } = await call<{ Listeners: { ListenerArn: string }[] }>('CreateListener', {
        LoadBalancerArn: loadBalancer,
        Port: '80',
        Protocol: 'HTTP',
        DefaultActions: actions,
      });
      return { loadBalancer, listener: Listeners[0]?.ListenerArn ?? '', port: elb.addressOf(loadBalancer, 80)?.port ?? 0 };
    },
    async state(TargetGroupArn, { id }) {
      const input = { TargetGroupArn, Targets: [{ Id: id }] };
      const reply = await call<{ TargetHealthDescriptions: { TargetHealth: { State: string; Reason?: string; Description?: string } }[] }>(
        'DescribeTargetHealth',
        input,
      );
      return reply.TargetHealthDescriptions[0]?.TargetHealth ?? { State: 'none' };
    },
    async stop() {
      await elb.stop();
      await Promise.all(instances.map((instance) => instance.stop()));
    },
  };
}

export const forwardTo = (TargetGroupArn: string) => ({ Type: 'forward', TargetGroupArn });

export interface SendOptions {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly agent?: Agent;
  readonly signal?: AbortSignal;
  /** Leaves the request without its end. */
  readonly unfinished?: boolean;
}

/** One request to a load balancer's local port. Rejects when the connection breaks before the answer is whole. */
export function send(port: number, path = '/', options: SendOptions = {}): Promise<Reply> {
  return new Promise((done, failed) => {
    const { body, unfinished, ...rest } = options;
    const req = request({ host: '127.0.0.1', port, path, agent: false, ...rest }, (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('error', failed);
      res.on('end', () => done({ status: res.statusCode ?? 0, body: Buffer.concat(chunks).toString(), headers: res.headers }));
    });
    req.on('error', failed);
    if (unfinished) req.write(body);
    else req.end(body);
  });
}

export const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** `name=value` pairs of an answer's cookies, as a Cookie header. */
export const cookiesOf = (reply: Reply): string => (reply.headers['set-cookie'] ?? []).map((cookie) => cookie.split(';')[0]).join('; ');

/** Healthy, and answers every path with its name. */
export const named =
  (name: string): RequestListener =>
  (_, res) => {
    res.end(name);
  };

/** Waits until all of the instances are healthy in the group. */
export function healthy(world: World, group: string, ...instances: Pick<Instance, 'id'>[]): Promise<unknown> {
  const states = () => Promise.all(instances.map((instance) => world.state(group, instance)));
  return until(async () => (await states()).every(({ State }) => State === 'healthy'), 'all targets are healthy');
}
