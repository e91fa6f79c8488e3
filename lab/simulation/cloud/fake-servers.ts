/** Servers for tests of the parts around them: healthy ones that answer after a request's duration, unless told otherwise. */
import type { CheckResult } from '#local-aws/elbv2/data-plane/judge-health.ts';
import type { TargetGroup } from '../installation/installation.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Servers, SessionStore, UserRequest } from './contracts.ts';

export type Behaviour = 'answers' | 'failsWith500' | 'refuses' | 'hangs' | 'isStopped';

export class FakeServers implements Servers {
  readonly behaviours = new Map<string, Behaviour>();
  /** Every request that arrived, in order. */
  readonly served: { readonly instanceId: string; readonly sessionId: string; readonly atMs: number }[] = [];
  private readonly kernel: Kernel;
  private readonly store: SessionStore;

  constructor(kernel: Kernel, store: SessionStore) {
    this.kernel = kernel;
    this.store = store;
  }

  checkHealth(instanceId: string): CheckResult {
    switch (this.behaviours.get(instanceId)) {
      case 'refuses':
        return { kind: 'failed' };
      case 'hangs':
        return { kind: 'timedOut' };
      default:
        return { kind: 'answered', status: 200 };
    }
  }

  serve(instanceId: string, { sessionId, durationMs, ended }: UserRequest): void {
    this.served.push({ instanceId, sessionId, atMs: this.kernel.now() });
    const behaviour = this.behaviours.get(instanceId) ?? 'answers';
    if (behaviour === 'refuses') ended({ kind: 'broken' });
    if (behaviour === 'hangs') ended({ kind: 'silent' });
    if (behaviour === 'failsWith500') this.kernel.after(1, () => ended({ kind: 'answered', status: 500, version: '1' }));
    if (behaviour !== 'answers') return;
    this.kernel.after(durationMs, () => {
      const counter = this.store.raise(sessionId);
      ended({ kind: 'answered', status: counter === undefined ? 500 : 200, version: '1', ...(counter !== undefined && { counter }) });
    });
  }

  isRunning(instanceId: string): boolean {
    return this.behaviours.get(instanceId) !== 'isStopped';
  }

  launch(): void {}
  terminate(): void {}
}

export const TARGET_GROUP: TargetGroup = {
  arn: 'arn:aws:elasticloadbalancing:eu-central-1:000000000000:targetgroup/hf-web/1111111111111111',
  loadBalancerFullName: 'app/hf-web/2222222222222222',
  fullName: 'targetgroup/hf-web/1111111111111111',
  deregistrationDelaySeconds: 30,
  port: 8080,
  healthCheck: { path: '/live', intervalSeconds: 10, timeoutSeconds: 5, healthyThreshold: 2, unhealthyThreshold: 3, codes: '200' },
  attributes: {
    'deregistration_delay.timeout_seconds': '30',
    'stickiness.enabled': 'true',
    'stickiness.type': 'lb_cookie',
    'stickiness.lb_cookie.duration_seconds': '3600',
  },
};

export const SERVER_IDS = Array.from({ length: 6 }, (_, index) => `i-0000000000000000${index + 1}`);
