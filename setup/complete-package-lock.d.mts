interface PackageLock {
  packages: Record<string, { optionalDependencies?: Record<string, string> }>;
}

export function missingOptionalPackages(lock: PackageLock): { readonly path: string; readonly name: string; readonly version: string }[];
export function completePackageLock(lock: PackageLock): string[];
export function platformOf(name: string): { os?: string[]; cpu?: string[]; libc?: string[] };
