import type { Library } from '../library.ts';
import { DEBIAN } from './debian.ts';
import { FROM_SOURCE } from './from-source.ts';
import { GO } from './go.ts';
import { JAVA } from './java.ts';
import { NPM } from './npm.ts';
import { PYTHON } from './python.ts';
import { RUST } from './rust.ts';

/** Every library, by the name of its recording. */
export const LIBRARIES: ReadonlyMap<string, Library> = new Map(
  [...NPM, ...JAVA, ...PYTHON, ...GO, ...RUST, ...DEBIAN, ...FROM_SOURCE].map((library) => [library.name, library]),
);
