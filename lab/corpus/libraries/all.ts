import type { Library } from '../library.ts';
import { NPM } from './npm.ts';

/** Every library, by the name of its recording. */
export const LIBRARIES: ReadonlyMap<string, Library> = new Map([...NPM].map((library) => [library.name, library]));
