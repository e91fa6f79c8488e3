/** What every operation works on. */
import type { Now } from '../ports.ts';
import type { DataPlane } from './data-plane.ts';
import type { HealthChecks } from './health-checks.ts';
import type { Registry } from './registry.ts';
import type { TargetLifecycle } from './target-lifecycle.ts';

export interface ElbContext {
  readonly region: string;
  readonly now: Now;
  readonly registry: Registry;
  readonly dataPlane: DataPlane;
  readonly checks: HealthChecks;
  readonly lifecycle: TargetLifecycle;
}
