/** What happens at which moment, in order: a binary heap by time, then by a seeded tie-break, then by age. */
export interface QueuedEvent {
  readonly atMs: number;
  /** Among events of one moment; a seed decides, so that seeds try different orders. */
  readonly tieBreak: number;
  readonly sequence: number;
  readonly run: () => void;
  cancelled: boolean;
}

export class EventQueue {
  private readonly heap: QueuedEvent[] = [];

  get size(): number {
    return this.heap.length;
  }

  first(): QueuedEvent | undefined {
    return this.heap[0];
  }

  add(event: QueuedEvent): void {
    const { heap } = this;
    let index = heap.push(event) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!comesBefore(event, heap[parent] as QueuedEvent)) break;
      heap[index] = heap[parent] as QueuedEvent;
      index = parent;
    }
    heap[index] = event;
  }

  take(): QueuedEvent | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && comesBefore(heap[child + 1] as QueuedEvent, heap[child] as QueuedEvent)) child += 1;
      if (!comesBefore(heap[child] as QueuedEvent, last)) break;
      heap[index] = heap[child] as QueuedEvent;
      index = child;
    }
    heap[index] = last;
    return first;
  }
}

const comesBefore = (a: QueuedEvent, b: QueuedEvent): boolean =>
  (a.atMs - b.atMs || a.tieBreak - b.tieBreak || a.sequence - b.sequence) < 0;
