import type { StepContext } from './set-up.mjs';

/** Absolute paths. */
export interface MonitoringPrograms {
  readonly prometheus: string;
  readonly promtool: string;
  /** redis_exporter */
  readonly exporter: string;
}

export const PINNED: Readonly<Record<string, { readonly version: string; readonly sha256: Readonly<Record<string, string>> }>>;
export function ensurePrograms(context: StepContext): Promise<MonitoringPrograms>;
export function findAll(folders: readonly string[]): MonitoringPrograms | undefined;
export function programsMissing(because?: string): Error;
