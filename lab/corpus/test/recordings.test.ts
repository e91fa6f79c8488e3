import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LIBRARIES } from '../libraries/all.ts';
import { unexpectedKeys } from '../libraries/expectation-of.ts';
import { fileOf, MAX_FILE_BYTES, MAX_FOLDER_BYTES, readRecordings } from '../recordings/recording.ts';

const recordings = readRecordings();
const names = [...recordings.keys()];

describe('the recordings', () => {
  it('are of each library of the table, by its name', () => {
    expect(names.toSorted()).toEqual([...LIBRARIES.keys()].toSorted());
  });

  it.each(names)('%s names what the table has, and each of its keys is of one kind', (name) => {
    const [library, recording] = [LIBRARIES.get(name), recordings.get(name)];
    if (library === undefined || recording === undefined) throw new Error(`${name} is missing`);
    expect(recording).toMatchObject({ library: library.library, version: library.version, packages: library.packages });
    expect(unexpectedKeys(library, recording)).toEqual([]);
  });

  it('keep within the size of a file, and of all', () => {
    const bytes = names.map((name) => statSync(fileOf(name)).size);
    expect(Math.max(...bytes)).toBeLessThanOrEqual(MAX_FILE_BYTES);
    expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(MAX_FOLDER_BYTES);
  });
});
