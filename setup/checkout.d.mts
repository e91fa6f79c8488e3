export const CHECKOUT: string;

export function pathsOf(checkout?: string): {
  readonly checkout: string;
  readonly state: string;
  readonly logs: string;
  readonly bin: string;
  readonly venv: string;
  readonly lintVenv: string;
  readonly monitoring: string;
  readonly setupFile: string;
  readonly lockFile: string;
  readonly emulatorLock: string;
  readonly lintLock: string;
};
export function hashOfFile(file: string): string;
export function readIfPresent(file: string): string | undefined;
export function writeWhole(file: string, text: string): void;
export function say(line: string): void;
