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

/** The items of one partition key. Both lists are made again when they are asked for after a change: predicates ask many times between two. */
interface Partition {
  readonly items: Map<string, Item>;
  /** Sort keys, ascending; absent after one came or went. */
  order: readonly string[] | undefined;
  /** Items in that order; absent after any change. */
  sorted: readonly Item[] | undefined;
}

/** Items by their keys. An item never changes: it is replaced. */
export class SimulatedTable implements KeyedItems {
  private readonly partitions = new Map<string, Partition>();

  get({ pk, sk }: Key): Item | undefined {
    return this.partitions.get(pk)?.items.get(sk);
  }

  put({ pk, sk }: Key, item: Item): void {
    const partition = this.partitions.get(pk) ?? { items: new Map<string, Item>(), order: undefined, sorted: undefined };
    if (!partition.items.has(sk)) partition.order = undefined;
    partition.sorted = undefined;
    partition.items.set(sk, item);
    this.partitions.set(pk, partition);
  }

  delete({ pk, sk }: Key): void {
    const partition = this.partitions.get(pk);
    if (partition === undefined || !partition.items.delete(sk)) return;
    partition.order = undefined;
    partition.sorted = undefined;
  }

  partition(pk: string): readonly Item[] {
    const partition = this.partitions.get(pk);
    if (partition === undefined) return [];
    const { items } = partition;
    partition.order ??= [...items.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    partition.sorted ??= partition.order.map((sk) => items.get(sk) as Item);
    return partition.sorted;
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
