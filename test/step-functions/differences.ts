/** Where an interpreter differs from AWS and is left so. */
import type { Json } from './json.ts';

export const INTERPRETERS = ['default emulator', 'simulation'] as const;
export type Interpreter = (typeof INTERPRETERS)[number];

export interface Difference {
  readonly interpreter: Interpreter;
  readonly row: string;
  readonly observed: Json;
  /** Who is right, and why. */
  readonly right: string;
  /** Why no definition of Holdfast depends on it. */
  readonly harmless: string;
}

export const DIFFERENCES: readonly Difference[] = [];
