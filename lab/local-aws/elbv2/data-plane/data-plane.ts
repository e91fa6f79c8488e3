/** The servers of all listeners, kept in step with the registry. */
import type { CertificateAuthority, Log } from '../../interfaces.ts';
import { numberOf } from '../attributes.ts';
import type { Registry } from '../registry.ts';
import type { Listener, LoadBalancer } from '../resources.ts';
import type { Forwarding } from './forward-request.ts';
import { type ListenerServer, openListenerServer } from './listener-server.ts';

/** Where a listener can be reached on this machine. */
export interface ListenerAddress {
  readonly host: string;
  readonly port: number;
  readonly protocol: 'HTTP' | 'HTTPS';
}

export interface DataPlane {
  /** Starts to serve a listener with the rules that it has now. */
  open(listener: Listener): Promise<void>;
  /** Ends a listener and its clients' connections. */
  close(listenerArn: string): Promise<void>;
  /** Takes over the rules of a listener after the propagation lag. */
  publish(listenerArn: string): void;
  /** Takes over the attributes of a load balancer. */
  refresh(loadBalancer: LoadBalancer): void;
  address(listenerArn: string): ListenerAddress | undefined;
  addressOf(loadBalancerArn: string, listenerPort: number): ListenerAddress | undefined;
  /** PEM of the certificate that HTTPS listeners present. */
  presentedCertificate(): Promise<string>;
  /** Clients' open connections to a load balancer. */
  connections(loadBalancerArn: string): number;
  stop(): Promise<void>;
}

export function createDataPlane(plane: Forwarding, registry: Registry, certificates: CertificateAuthority, log: Log): DataPlane {
  const servers = new Map<string, { readonly server: ListenerServer; readonly protocol: 'HTTP' | 'HTTPS' }>();
  const { host, listenerPort, propagationLagMs, secondMs } = plane.settings;
  // The same for every certificate ARN: clients of the local cloud know the load balancer as localhost.
  let certificate: ReturnType<CertificateAuthority['issue']> | undefined;
  const presented = () => {
    certificate ??= certificates.issue(['localhost', '127.0.0.1', ...(host === '127.0.0.1' ? [] : [host])]);
    return certificate;
  };
  const certificateFor = (protocol: Listener['protocol']) => (protocol === 'HTTP' ? undefined : presented());

  const addressOf = (loadBalancerArn: string, port: number): ListenerAddress | undefined => {
    const listener = registry.listenersOf(loadBalancerArn).find((one) => one.port === port);
    return listener === undefined ? undefined : address(listener.arn);
  };
  const address = (listenerArn: string): ListenerAddress | undefined => {
    const served = servers.get(listenerArn);
    return served === undefined ? undefined : { host, port: served.server.port, protocol: served.protocol };
  };
  const idleMs = (loadBalancer: LoadBalancer): number => numberOf(loadBalancer.attributes, 'idle_timeout.timeout_seconds') * secondMs;

  const start = async (listener: Listener): Promise<ListenerServer> => {
    const loadBalancer = registry.loadBalancer(listener.loadBalancerArn);
    const options = {
      plane,
      loadBalancer,
      listener: { protocol: listener.protocol },
      certificate: await certificateFor(listener.protocol),
      host,
      localPort: (port: number) => addressOf(loadBalancer.arn, port)?.port,
    };
    const wanted = listenerPort(listener.port);
    if (wanted !== undefined) {
      try {
        return await openListenerServer({ ...options, port: wanted });
      } catch (error) {
        log(`elbv2: port ${wanted} cannot be used for a listener (${(error as NodeJS.ErrnoException).code ?? 'error'}); taking a free one`);
      }
    }
    return openListenerServer({ ...options, port: 0 });
  };
  // Copies: a rule is changed in place later, and routes that are in force must not see that before its time.
  const copyOfRules = (listenerArn: string) => registry.rulesOf(listenerArn).map((rule) => ({ ...rule }));
  const close = async (listenerArn: string): Promise<void> => {
    const served = servers.get(listenerArn);
    servers.delete(listenerArn);
    await served?.server.close();
  };

  return {
    async open(listener) {
      const server = await start(listener);
      const loadBalancer = registry.loadBalancer(listener.loadBalancerArn);
      server.setIdle(idleMs(loadBalancer));
      server.publish(copyOfRules(listener.arn), plane.now());
      servers.set(listener.arn, { server, protocol: listener.protocol });
      log(`elbv2: ${loadBalancer.name}:${listener.port} listens on ${host}:${server.port}`);
    },
    close,
    publish(listenerArn) {
      servers.get(listenerArn)?.server.publish(copyOfRules(listenerArn), plane.now() + propagationLagMs());
    },
    refresh(loadBalancer) {
      for (const { arn } of registry.listenersOf(loadBalancer.arn)) servers.get(arn)?.server.setIdle(idleMs(loadBalancer));
    },
    address,
    addressOf,
    presentedCertificate: async () => (await presented()).cert,
    connections: (arn) =>
      registry.listenersOf(arn).reduce((sum, listener) => sum + (servers.get(listener.arn)?.server.connections() ?? 0), 0),
    async stop() {
      await Promise.all([...servers.keys()].map(close));
    },
  };
}
