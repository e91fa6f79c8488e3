/** What runs where, as a drawing in the language of Mermaid. Pure. */
import type { Call, Kind, Part, Parts } from './read-parts.ts';

const BOXES = {
  people: 'your laptop or pipeline',
  outside: 'AWS, outside the network',
  vpc: 'in the VPC',
  servers: 'on each server',
} as const;
type Box = keyof typeof BOXES;

/** Mermaid would break a line in the middle of a name. */
export const WIDE_LINES = '%%{init: {"flowchart": {"wrappingWidth": 600}}}%%';

/** Names with commas, so many a line. */
export const inLines = (names: readonly string[], perLine: number): string =>
  names.reduce((text, name, index) => (index === 0 ? name : `${text},${index % perLine === 0 ? '<br>' : ' '}${name}`), '');

interface Group {
  readonly id: string;
  readonly box: Box;
  readonly parts: readonly Part[];
}

/** Where a part runs. Balancer and store are in the VPC, as each function with a VPC's configuration is. */
function boxOf({ kind, inVpc }: Part): Box {
  if (kind === 'people') return 'people';
  if (kind === 'document' || kind === 'application') return 'servers';
  return inVpc || kind === 'store' || kind === 'balancer' ? 'vpc' : 'outside';
}

/**
 * The parts that are drawn as one: state machines that start each other or share functions, with the functions that they call; other
 * functions that the same parts call; all functions in the VPC, all documents, all topics.
 */
export function groupParts({ parts, calls }: Parts): readonly Group[] {
  const kindOf = new Map(parts.map(({ id, kind }) => [id, kind]));
  const callersOf = (id: string) => calls.filter(({ to }) => to === id).map(({ from }) => from);
  const machineOf = (id: string): string => {
    const connected = new Set([id]);
    for (const one of connected)
      for (const { from, to } of calls)
        if (kindOf.get(from) === 'machine' && /^(machine|function)$/.test(kindOf.get(to) ?? ''))
          if (from === one || to === one) for (const other of [from, to]) connected.add(other);
    return [...connected].filter((one) => kindOf.get(one) === 'machine').sort()[0] ?? '';
  };
  const keyOf = (part: Part): string => {
    const box = boxOf(part);
    if (part.kind === 'document' || part.kind === 'topic' || (part.kind === 'function' && box === 'vpc')) return `${box} ${part.kind}`;
    if (part.kind === 'starter') return `starter ${calls.flatMap(({ from, to }) => (from === part.id ? to : [])).sort()}`;
    if (part.kind === 'machine' || part.kind === 'function') return machineOf(part.id) || `called by ${callersOf(part.id).sort()}`;
    return part.id;
  };
  const byKey = Map.groupBy(parts, keyOf);
  return [...byKey.values()].map((alike, index) => ({ id: `part${index + 1}`, box: boxOf(alike[0] as Part), parts: alike }));
}

const WORDS: Partial<Record<Kind, string>> = { function: 'function', topic: 'topic', document: 'document' };

function textOf({ parts }: Group, { parts: all, calls }: Parts): string {
  const labels = (some: readonly Part[]) => some.map(({ label }) => label).sort();
  const machines = parts.filter(({ kind }) => kind === 'machine');
  if (machines.length > 0)
    return machines
      .map(({ id, label }) => {
        const called = calls.filter(({ from }) => from === id).map(({ to }) => all.find((part) => part.id === to) as Part);
        return `<b>${label}</b> calls ${inLines(labels(called), 3)}`;
      })
      .join('<br>');
  const word = WORDS[parts[0]?.kind ?? 'people'];
  const head = word === undefined ? [] : [`<i>${word}${parts.length > 1 ? 's' : ''}</i>`];
  return [...head, ...labels(parts)].join('<br>');
}

export function drawParts(parts: Parts): string {
  const groups = groupParts(parts);
  const groupOf = (id: string) => groups.find((group) => group.parts.some((part) => part.id === id))?.id ?? '';
  const arrows = parts.calls.map(({ from, to }): Call => ({ from: groupOf(from), to: groupOf(to) }));
  const drawn = new Set(arrows.filter(({ from, to }) => from !== to).map(({ from, to }) => `  ${from} --> ${to}`));
  const node = (group: Group) => {
    const isMachine = group.parts.some(({ kind }) => kind === 'machine');
    return `    ${group.id}${isMachine ? '(' : '['}"${textOf(group, parts)}"${isMachine ? ')' : ']'}`;
  };
  const box = (name: Box, inner: readonly string[] = []) => [
    `  subgraph ${name}["${BOXES[name]}"]`,
    ...groups.filter((group) => group.box === name).map(node),
    ...inner,
    '  end',
  ];
  return [WIDE_LINES, 'flowchart LR', ...box('people'), ...box('outside'), ...box('vpc', box('servers')), ...drawn].join('\n');
}
