/** Installations on their way from the process that synthesizes to those that run seeds. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Installation } from './installation.ts';
import type { Variant } from './synthesize-installation.ts';

export type Installations = Readonly<Record<Variant, Installation>>;

export function writeInstallations(file: string, installations: Installations): void {
  writeFileSync(file, JSON.stringify(installations));
}

export function readInstallations(file: string): Installations {
  return JSON.parse(readFileSync(file, 'utf8')) as Installations;
}
