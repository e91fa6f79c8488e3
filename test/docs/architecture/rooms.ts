/** The rooms of this repository and the imports between them, as a drawing. Pure, but for the folders that it lists. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { type Import, readImports } from '../../architecture/read-imports.ts';
import { REPOSITORY } from '../../run-node.ts';
import { inLines, WIDE_LINES } from './draw-parts.ts';

/** Folders with code at the top. `test`, which imports everything, `docs` and `ops` are none. */
export const TOP = 'package bin console cli infra server advisor functions session examples setup lab'.split(' ');
/** The layers of functions below its capabilities. */
const LAYERS = ['instance', 'records', 'shared'];
const CAPABILITIES = 'functions/*';

/** The rooms of `functions` and `lab` are in boxes of their own. Tests of the laboratory lie in it, and are no part of it. */
const isTest = (file: string): boolean => /^lab\/.*(\/test\/|\.test\.ts$)/.test(file);

/** @returns undefined for a file that is in no room: a test, or the root's */
export function roomOf(file: string): string | undefined {
  const [top = '', inner = ''] = file.split('/');
  if (!TOP.includes(top) || isTest(file)) return undefined;
  if (top === 'functions') return LAYERS.includes(inner) ? `functions/${inner}` : CAPABILITIES;
  return top === 'lab' ? `lab/${inner}` : top;
}

/** Each pair of rooms of which the first imports the second, once. Pure. */
export function arrowsOf(imports: readonly Import[]): readonly Import[] {
  const arrows = imports.flatMap(({ from, to }): [string, Import][] => {
    const [room, other] = [roomOf(from), roomOf(to)];
    return room === undefined || other === undefined || room === other ? [] : [[`${room} ${other}`, { from: room, to: other }]];
  });
  return [...new Map(arrows).values()].sort((a, b) => (`${a.from} ${a.to}` < `${b.from} ${b.to}` ? -1 : 1));
}

/** Without each arrow that the others imply: one to what is reached by more than one of them. What can be reached stays the same. Pure. */
export function withoutImplied(arrows: readonly Import[]): readonly Import[] {
  const kept = new Set(arrows);
  for (const arrow of arrows) {
    kept.delete(arrow);
    if (!reaches([...kept], arrow.from, arrow.to)) kept.add(arrow);
  }
  return arrows.filter((arrow) => kept.has(arrow));
}

function reaches(arrows: readonly Import[], from: string, wanted: string): boolean {
  const reached = new Set([from]);
  for (const room of reached) for (const arrow of arrows) if (arrow.from === room) reached.add(arrow.to);
  return reached.has(wanted);
}

const foldersIn = (folder: string): string[] =>
  readdirSync(path.join(REPOSITORY, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();

/** Rooms of which no arrow distinguishes one from another are one node: they are alike. */
function groupAlike(rooms: readonly string[], arrows: readonly Import[]): readonly (readonly string[])[] {
  const key = (room: string) =>
    arrows.flatMap(({ from, to }) => (from === room ? `> ${to}` : to === room ? `${from} >` : [])).join() || room;
  return [...Map.groupBy(rooms, key).values()];
}

/** The drawing, in the language of Mermaid. */
export function drawRooms(imports: readonly Import[] = readImports(TOP)): string {
  const arrows = withoutImplied(arrowsOf(imports));
  const capabilities = foldersIn('functions').filter((name) => !LAYERS.includes(name));
  const label = (room: string) =>
    room === CAPABILITIES ? `<b>capabilities</b><br>${inLines(capabilities, 3)}` : path.posix.basename(room);
  const boxes = [
    { name: '', rooms: TOP.filter((name) => name !== 'functions' && name !== 'lab') },
    { name: 'functions', rooms: [CAPABILITIES, ...LAYERS.map((name) => `functions/${name}`)] },
    { name: 'lab', rooms: foldersIn('lab').map((name) => `lab/${name}`) },
  ].map(({ name, rooms }) => ({ name, groups: groupAlike(rooms, arrows) }));
  const first = new Map(boxes.flatMap(({ groups }) => groups.flatMap((group) => group.map((room) => [room, group[0] as string]))));
  const id = (room: string) => (first.get(room) ?? room).replace('*', 'capabilities').replaceAll(/\W/g, '_');
  const nodes = (groups: readonly (readonly string[])[]) =>
    groups.map((group) => `${id(group[0] as string)}["${group.map(label).join('<br>')}"]`);
  return [
    WIDE_LINES,
    'flowchart TD',
    ...boxes.flatMap(({ name, groups }) =>
      name === ''
        ? nodes(groups).map((node) => `  ${node}`)
        : [`  subgraph ${name}`, ...nodes(groups).map((node) => `    ${node}`), '  end'],
    ),
    ...new Set(arrows.map(({ from, to }) => `  ${id(from)} --> ${id(to)}`)),
  ].join('\n');
}
