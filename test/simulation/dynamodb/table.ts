import { type Item, invalid } from './attribute.ts';

export interface Key {
  readonly pk: string;
  readonly sk: string;
}

export interface KeyedItems {
  get(key: Key): Item | undefined;
  put(key: Key, item: Item): void;
  delete(key: Key): void;
  /** By sort key, ascending. */
  partition(pk: string): readonly Item[];
}

/** Items by their keys. An item never changes: it is replaced. */
export class SimulatedTable implements KeyedItems {
  private readonly partitions = new Map<string, Map<string, Item>>();

  get({ pk, sk }: Key): Item | undefined {
    return this.partitions.get(pk)?.get(sk);
  }

  put({ pk, sk }: Key, item: Item): void {
    const partition = this.partitions.get(pk) ?? new Map<string, Item>();
    partition.set(sk, item);
    this.partitions.set(pk, partition);
  }

  delete({ pk, sk }: Key): void {
    this.partitions.get(pk)?.delete(sk);
  }

  partition(pk: string): readonly Item[] {
    const found = [...(this.partitions.get(pk) ?? [])];
    return found.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))).map(([, item]) => item);
  }
}

/** @param alone whether nothing but the key may be there. @throws AwsError ValidationException */
export function keyOf(item: Item, alone = true): Key {
  const [pk, sk] = [item['pk']?.['S'], item['sk']?.['S']];
  if (typeof pk !== 'string' || typeof sk !== 'string' || (alone && Object.keys(item).length !== 2))
    throw invalid('The provided key element does not match the schema');
  if (pk === '' || sk === '')
    throw invalid(
      'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value.',
    );
  return { pk, sk };
}
