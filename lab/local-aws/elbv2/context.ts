/** What every operation works on. */
import type { Now } from '../interfaces.ts';
import type { DataPlane } from './data-plane/data-plane.ts';
import type { HealthChecks } from './data-plane/health-checks.ts';
import type { TargetLifecycle } from './data-plane/target-lifecycle.ts';
import type { Registry } from './registry.ts';

export interface ElbContext {
  readonly region: string;
  readonly now: Now;
  readonly registry: Registry;
  readonly dataPlane: DataPlane;
  readonly checks: HealthChecks;
  readonly lifecycle: TargetLifecycle;
}
