/** The words of DynamoDB's expressions, and the paths, names and values that they refer to. */
import { type Attribute, invalid } from './attribute.ts';

/** Names of attributes and positions in lists, from the item inwards. */
export type DocumentPath = readonly (string | number)[];

/** What the parts of an expression that begin with `#` and `:` mean. */
export interface Substitutes {
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, Attribute>>;
}

const WORD = /\s*(?:(:[\w.-]+|#[\w-]+|[A-Za-z_]\w*|\d+)|(<>|<=|>=|[-=<>(),.[\]+]))/y;

/** Reads one expression from left to right. */
export class Tokens {
  private readonly words: readonly string[];
  private readonly text: string;
  private readonly kind: string;
  private position = 0;

  /** @param kind `ConditionExpression`, … for messages */
  constructor(text: string, kind: string) {
    this.text = text;
    this.kind = kind;
    this.words = split(text) ?? this.refuse('');
  }

  /** Undefined at the end. */
  peek(ahead = 0): string | undefined {
    return this.words[this.position + ahead];
  }

  next(): string {
    const word = this.words[this.position];
    if (word === undefined) return this.refuse('<EOF>');
    this.position += 1;
    return word;
  }

  /** Whether the next word is this one, which is then read. Keywords in any case. */
  take(word: string): boolean {
    const found = this.peek()?.toUpperCase() === word;
    if (found) this.position += 1;
    return found;
  }

  expect(word: string): void {
    if (!this.take(word)) this.refuse(this.peek() ?? '<EOF>');
  }

  end(): void {
    const left = this.peek();
    if (left !== undefined) this.refuse(left);
  }

  /** `a.#b[1]`, as written. */
  path(): readonly (string | number)[] {
    const parts: (string | number)[] = [this.name()];
    for (;;) {
      if (this.take('.')) parts.push(this.name());
      else if (this.take('[')) {
        parts.push(Number(this.next()));
        this.expect(']');
      } else return parts;
    }
  }

  /** A comma-separated list. */
  list<T>(read: () => T): T[] {
    const all = [read()];
    while (this.take(',')) all.push(read());
    return all;
  }

  private name(): string {
    const word = this.next();
    return /^(#|[A-Za-z_])/.test(word) ? word : this.refuse(word);
  }

  /** @throws AwsError as DynamoDB refuses it, quoting the text: also for what only the simulation lacks */
  refuse(near: string): never {
    throw invalid(`Invalid ${this.kind}: Syntax error; token: "${near}", near: "${this.text}"`);
  }
}

function split(text: string): readonly string[] | undefined {
  const words: string[] = [];
  const end = text.trimEnd().length;
  WORD.lastIndex = 0;
  while (WORD.lastIndex < end) {
    const found = WORD.exec(text);
    if (found === null) return undefined;
    words.push((found[1] ?? found[2]) as string);
  }
  return words;
}

/** The path with its names filled in. @throws AwsError ValidationException for a name that is not given */
export function resolvePath(written: DocumentPath, { names }: Substitutes): DocumentPath {
  return written.map((part) => {
    if (typeof part === 'number' || !part.startsWith('#')) return part;
    const name = names[part];
    if (name === undefined) throw invalid(`An expression attribute name used in the document path is not defined; attribute name: ${part}`);
    return name;
  });
}

/** @throws AwsError ValidationException for a value that is not given */
export function resolveValue(name: string, { values }: Substitutes): Attribute {
  const value = values[name];
  if (value === undefined) throw invalid(`An expression attribute value used in expression is not defined; attribute value: ${name}`);
  return value;
}
