export type Version = readonly [major: number, minor: number, patch: number];

export function parseNodeVersion(text: string | undefined): Version | undefined;
export function parsePythonVersion(text: string | undefined): Version | undefined;
export function parseStoreServerVersion(text: string | undefined): Version | undefined;
export function parsePackageVersion(text: string | undefined): Version | undefined;
export function isAtLeast(version: Version | undefined, minimum: readonly [number, number]): boolean;
export function formatVersion(version: Version): string;
