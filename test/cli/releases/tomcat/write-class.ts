/** Class files as javac writes them, as far as a constant pool goes. */

export interface ClassParts {
  readonly name: string;
  readonly parent?: string;
  readonly interfaces?: readonly string[];
  /** Classes that it uses. */
  readonly uses?: readonly string[];
  /** Constants that are texts, and descriptors. */
  readonly texts?: readonly string[];
  readonly java?: number;
}

export function classFile({ name, parent = 'java/lang/Object', interfaces = [], uses = [], texts = [], java = 17 }: ClassParts): Buffer {
  const pool: Buffer[] = [];
  let places = 1;
  const add = (bytes: Buffer, size = 1): number => {
    pool.push(bytes);
    places += size;
    return places - size;
  };
  const short = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
  const utf8 = (text: string): number => add(Buffer.concat([Buffer.from([1]), short(text.length), Buffer.from(text)]));
  const reference = (to: string): number => {
    const text = utf8(to);
    return add(Buffer.concat([Buffer.from([7]), short(text)]));
  };
  // A long takes two places.
  add(Buffer.concat([Buffer.from([5]), Buffer.alloc(8)]), 2);
  const [own, above] = [reference(name), reference(parent)];
  const implemented = interfaces.map(reference);
  uses.forEach(reference);
  texts.forEach(utf8);
  const head = Buffer.from([0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, java + 44]);
  const tail = [short(0x21), short(own), short(above), short(implemented.length), ...implemented.map(short), Buffer.alloc(6)];
  return Buffer.concat([head, short(places), ...pool, ...tail]);
}
