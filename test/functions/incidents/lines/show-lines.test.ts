import { beforeEach, expect, it } from 'vitest';
import type { EndedCommand } from '../../../../functions/incidents/collect/collect-servers.ts';
import { type LinesPorts, LOOK_MS, type Look, showLines } from '../../../../functions/incidents/lines/show-lines.ts';
import { recordingLog } from '../../fakes/fixtures.ts';

const WHO = 'assumed-role/Operator/jane';
const NOW_MS = Date.parse('2026-11-22T03:20:00Z');
const AROUND_MS = NOW_MS - 600_000;
const STATEMENT = { aroundMs: AROUND_MS, minutes: 2, requestedBy: WHO };
const request = (more: object = {}) => ({ ...STATEMENT, ...more });
const LINES = { lines: [[AROUND_MS, 'Redis is away']], gaps: [] };

let looks: Look[];
let busyUntilMs: number;
let asked: object[];
let output: Record<string, string>;
let servers: string[];
let ports: LinesPorts;

beforeEach(() => {
  [looks, busyUntilMs, asked, servers] = [[], 0, [], ['i-1', 'i-2']];
  output = { 'i-1': JSON.stringify(LINES), 'i-2': JSON.stringify({ ...LINES, cut: true }) };
  ports = {
    now: () => NOW_MS,
    log: recordingLog(),
    fleet: 'web',
    registered: async () => servers.map((instanceId) => ({ instanceId })),
    looks: {
      async begin(look, untilMs) {
        if (busyUntilMs > look.atMs) return false;
        busyUntilMs = untilMs;
        looks.push(look);
        return true;
      },
      async end() {
        busyUntilMs = 0;
      },
    },
    async run({ instanceId, parameters, untilMs }) {
      asked.push({ instanceId, ...parameters, untilMs });
      if (instanceId === 'i-9') throw new Error('throttled');
      return { state: 'succeeded', output: output[instanceId] ?? '', commandId: 'c-1', statusDetails: 'Success' } as EndedCommand;
    },
  };
});
const ask = (input: unknown = request()) => showLines(ports, input);

it('asks each server for the minutes around the time, and is on record before', async () => {
  expect(await ask()).toEqual({
    outcome: 'shown',
    requestedBy: WHO,
    servers: [
      { instanceId: 'i-1', ...LINES },
      { instanceId: 'i-2', ...LINES, cut: true },
    ],
    notAsked: 0,
  });
  const window = { fromMs: String(AROUND_MS - 120_000), toMs: String(AROUND_MS + 120_000), untilMs: NOW_MS + LOOK_MS };
  expect(asked).toEqual([
    { instanceId: 'i-1', ...window },
    { instanceId: 'i-2', ...window },
  ]);
  expect(looks).toEqual([{ fleet: 'web', requestedBy: WHO, atMs: NOW_MS, aroundMs: AROUND_MS, minutes: 2, servers: ['i-1', 'i-2'] }]);
  expect(busyUntilMs).toBe(0);
});

it('asks one server where one is named, and at most twenty', async () => {
  await ask(request({ server: 'i-2' }));
  expect(looks[0]?.servers).toEqual(['i-2']);
  servers = Array.from({ length: 23 }, (_, number) => `i-${number + 10}`);
  expect(await ask()).toMatchObject({ notAsked: 3 });
});

it.each([
  ['a server that fails', 'i-9', {}, 'throttled'],
  ['an answer that is none', 'i-1', { 'i-1': '{"lines":[[1,"x"]],"gaps":[],"more":1}' }, 'its answer is none'],
  ['a line with what steers a terminal', 'i-1', { 'i-1': JSON.stringify({ lines: [[1, '\u001b[2J']], gaps: [] }) }, 'its answer is none'],
])('goes on without %s', async (_, instanceId, answers, gap) => {
  servers = ['i-2', instanceId];
  output = { ...output, ...answers };
  expect(await ask()).toMatchObject({ servers: expect.arrayContaining([{ instanceId, gap: expect.stringContaining(gap) }]) });
});

it.each<[string, string, object, () => void]>([
  ['InvalidRequest', 'an input that it does not have', { fleet: 'other' }, () => {}],
  ['NoSuchServer', 'a server of nobody', { server: 'i-99' }, () => {}],
  ['NoSuchServer', 'a fleet without servers', {}, () => (servers = [])],
  ['LookUnderWay', 'a second look at once', {}, () => (busyUntilMs = NOW_MS + 1)],
  ['InvalidRequest', 'more minutes than allowed', { minutes: 16 }, () => {}],
  ['InvalidRequest', 'no name', { requestedBy: undefined }, () => {}],
])('refuses with %s %s', async (error, _, statement, given) => {
  given();
  expect(await ask(request(statement))).toMatchObject({ outcome: 'refused', error, message: expect.stringContaining('No log was read.') });
  expect([looks, asked]).toEqual([[], []]);
});
