/** What a compiled Java class shows of itself before it is loaded: its name, what it extends, which servlet API it names, its Java. Pure. */

/** Packages of the servlet API: Tomcat 9 and older have the first one, Tomcat 10 and newer the second. */
export const SERVLET_APIS = ['javax.servlet', 'jakarta.servlet'] as const;
export type ServletApi = (typeof SERVLET_APIS)[number];

export interface ClassFile {
  /** With slashes: `shop/Cart`. */
  readonly name: string;
  /** The class that it extends and the interfaces that it implements, with slashes. */
  readonly parents: readonly string[];
  /** The servlet APIs that it names, each with one of the names, with slashes. */
  readonly servlet: ReadonlyMap<ServletApi, string>;
  /** The oldest Java that can load it. */
  readonly java: number;
}

const MAGIC = 0xcafebabe;
/** Java 1 has 45. */
const VERSION_OF_JAVA_0 = 44;
const UTF8 = 1;
const CLASS = 7;
/** Bytes that follow the tag of each other kind of constant. */
const SIZES: Readonly<Record<number, number>> = {
  3: 4,
  4: 4,
  5: 8,
  6: 8,
  8: 2,
  9: 4,
  10: 4,
  11: 4,
  12: 4,
  15: 3,
  16: 2,
  17: 4,
  18: 4,
  19: 2,
  20: 2,
};
/** A long and a double take two places in the pool. */
const TWO_PLACES = [5, 6];

const NAME = /(?:^|L)((?:javax|jakarta)\/servlet\/[\w$/]+)(?:;|$)/;
const DESCRIPTOR = /^[[(L]/;

const SERVLET = Buffer.from('/servlet/');
const NOTHING = { parents: [], servlet: new Map<ServletApi, string>() } as const;

/**
 * @param name by the file's own name, with slashes
 * @returns undefined for what is not a class file, or is damaged
 * @see https://docs.oracle.com/javase/specs/jvms/se17/html/jvms-4.html
 */
export function readClassFile(bytes: Buffer, name: string): ClassFile | undefined {
  try {
    if (bytes.readUInt32BE(0) !== MAGIC) return undefined;
    const java = bytes.readUInt16BE(6) - VERSION_OF_JAVA_0;
    // Most classes have nothing to do with servlets: their pools are not read.
    const pool = bytes.includes(SERVLET) ? parse(bytes) : NOTHING;
    return pool && { name, java, ...pool };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function parse(bytes: Buffer): Pick<ClassFile, 'parents' | 'servlet'> | undefined {
  const count = bytes.readUInt16BE(8);
  const texts = new Map<number, string>();
  const classes = new Map<number, number>();
  let at = 10;
  for (let index = 1; index < count; index += 1) {
    const tag = bytes.readUInt8(at);
    at += 1;
    if (tag === UTF8) {
      const length = bytes.readUInt16BE(at);
      texts.set(index, bytes.toString('latin1', at + 2, at + 2 + length));
      at += 2 + length;
    } else if (tag === CLASS) {
      classes.set(index, bytes.readUInt16BE(at));
      at += 2;
    } else {
      const size = SIZES[tag];
      if (size === undefined) return undefined;
      at += size;
      if (TWO_PLACES.includes(tag)) index += 1;
    }
  }
  const named = (place: number): string => texts.get(classes.get(bytes.readUInt16BE(place)) ?? 0) ?? '';
  const interfaces = bytes.readUInt16BE(at + 6);
  const parents = [named(at + 4), ...Array.from({ length: interfaces }, (_, index) => named(at + 8 + 2 * index))];
  const servlet = new Map<ServletApi, string>();
  // A text alone, such as a name for Class.forName, is not a use: only names of classes, and descriptors of what has them.
  for (const text of [
    ...[...classes.values()].map((place) => texts.get(place) ?? ''),
    ...[...texts.values()].filter((one) => DESCRIPTOR.test(one)),
  ]) {
    const [, name] = NAME.exec(text) ?? [];
    if (name) servlet.set(name.startsWith('javax') ? 'javax.servlet' : 'jakarta.servlet', name);
  }
  return { parents, servlet };
}
