import type { Python } from './find-python.mjs';
import type { StepContext } from './set-up.mjs';

export function ensureVenvModule(context: StepContext, python: Python): Promise<Python>;
export function venvPackage(version: string): string;
