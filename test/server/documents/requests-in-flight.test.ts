/** How samples of connections are judged: tables of `ss` output, without a server. */
import { afterAll, describe, expect, it } from 'vitest';
import { startPython } from './connections-python.ts';

const python = await startPython();
afterAll(() => python.stop());

interface Sample {
  /** Seconds since the watch began. @default 0.2 after the one before */
  readonly at?: number;
  readonly state?: string;
  readonly unread?: number;
  readonly unacknowledged?: number;
  /** Ages of the last byte sent, received, and of the last acknowledgement, in milliseconds. */
  readonly ages: readonly [sent: number, received: number, acknowledged: number];
  /** Segments with data since the connection began. */
  readonly data: readonly [received: number, sent: number];
  /** Segments without. @default one for each with data */
  readonly empty?: readonly [received: number, sent: number];
  /** @default 200 a segment */
  readonly bytes?: number;
}

const PEER = '[::ffff:10.0.0.1]:40000';

/** What `ss -tinH` prints; it leaves out what is 0. */
function line({ state = 'ESTAB', unread = 0, unacknowledged = 0, ages, data, empty = data, bytes = data[0] * 200 }: Sample): string {
  const [sent, received, acknowledged] = ages;
  const info = {
    bytes_received: bytes,
    segs_out: data[1] + empty[1],
    segs_in: data[0] + empty[0],
    data_segs_out: data[1],
    data_segs_in: data[0],
    lastsnd: sent,
    lastrcv: received,
    lastack: acknowledged,
  };
  const shown = Object.entries(info).flatMap(([name, value]) => (value === 0 ? [] : [`${name}:${value}`]));
  return `${state} ${unread} ${unacknowledged} [::ffff:10.0.0.9]:8080 ${PEER}\n\t cubic wscale:7,7 rto:204 rtt:0.5/0.2 cwnd:10 ${shown.join(' ')} minrtt:0.1`;
}

interface Counts {
  readonly inFlight: number;
  readonly longLived: number;
  readonly ties: number;
  /** Since the last byte, or the last moment with a request in flight. */
  readonly quiet: number;
}

/** What the samples of one connection, one after the other, come to. */
function judge(samples: readonly Sample[], longLived: 'close' | 'wait' = 'close'): Promise<Counts> {
  let now = 0;
  const moments = samples.map((sample) => {
    now = sample.at ?? now + 0.2;
    return [now, line(sample)];
  });
  const script = `
watch = Connections([8080], given["longLived"] == "close", 0, dict())
for now, text in given["moments"]:
    counts = watch.take(parse_connections(text), now)
result = dict(counts, quiet=round(now - watch.active, 3))`;
  return python.run<Counts>(script, { moments, longLived });
}

const IDLE = { inFlight: 0, longLived: 0, ties: 0 };
const BUSY = { inFlight: 1, longLived: 0, ties: 0 };
const HELD = { inFlight: 1, longLived: 0, ties: 1 };
const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));

describe('one sample', () => {
  it.each<[string, Sample, object]>([
    ['a connection on which nothing was ever asked is idle', { ages: [9, 9, 9], data: [0, 0] }, IDLE],
    ['received after it last sent: in flight', { ages: [5_000, 400, 400], data: [2, 1] }, BUSY],
    ['a computation of 40 s is in flight', { ages: [60_000, 40_000, 40_000], data: [2, 1] }, BUSY],
    ['the first request of a connection is in flight', { ages: [8, 8, 8], data: [1, 0] }, BUSY],
    ['a request that the server has not read is in flight', { ages: [400, 4_000, 400], data: [2, 1], unread: 300 }, BUSY],
    [
      'a response that the peer has not acknowledged is in flight',
      { ages: [4_000, 9_000, 9_000], data: [1, 9], unacknowledged: 5_000 },
      BUSY,
    ],
    ['a response that is being sent is in flight', { ages: [300, 9_000, 300], data: [1, 9] }, BUSY],
    ['an answered request is idle keep-alive', { ages: [3_000, 3_004, 2_960], data: [1, 1] }, IDLE],
    ['a tie whose response was acknowledged later is idle', { ages: [3_000, 3_000, 2_960], data: [1, 1] }, IDLE],
    ['a tie that an acknowledgement long after cannot resolve is held', { ages: [5_000, 5_000, 3_000], data: [1, 1] }, HELD],
    ['a tie without history is held', { ages: [5_000, 5_000, 5_000], data: [1, 1] }, HELD],
    ['a tie is held for 30 s and no longer', { ages: [30_000, 30_000, 30_000], data: [1, 1] }, { ...IDLE, ties: 1 }],
    [
      'a half-closed connection can wait for its response',
      { state: 'CLOSE-WAIT', unread: 1, ages: [9_000, 8_000, 7_900], data: [2, 1] },
      BUSY,
    ],
    [
      'a leaked one does not hold for more than a minute',
      { state: 'CLOSE-WAIT', unread: 1, ages: [70_000, 61_000, 61_000], data: [2, 1] },
      IDLE,
    ],
    ['a half-closed one that was answered is idle', { state: 'CLOSE-WAIT', unread: 1, ages: [8_000, 9_000, 7_900], data: [1, 1] }, IDLE],
    ['the end of a stream is no acknowledgement', { state: 'CLOSE-WAIT', unread: 1, ages: [8_000, 8_000, 7_900], data: [1, 1] }, HELD],
  ])('%s', async (_, sample, expected) => {
    expect(await judge([sample])).toMatchObject(expected);
  });
});

describe('the age of a request, by a look 100 s ago', () => {
  const HAD_ONE = true;
  it.each<[string, Sample, boolean, 'older' | 'younger']>([
    ['a body that trickles since then', { ages: [400_000, 900, 900], data: [90, 1] }, HAD_ONE, 'older'],
    ['one on a new connection that was open then', { ages: [101_000, 900, 900], data: [90, 0] }, HAD_ONE, 'older'],
    ['a computation that began before', { ages: [200_000, 101_000, 101_000], data: [2, 1] }, HAD_ONE, 'older'],
    ['a response that trickles to a slow reader', { ages: [50, 101_000, 50], data: [1, 90], unacknowledged: 5_000 }, HAD_ONE, 'older'],
    ['a body that trickles, and was not there', { ages: [400_000, 900, 900], data: [90, 1] }, !HAD_ONE, 'younger'],
    ['a computation that began after', { ages: [200_000, 99_000, 99_000], data: [2, 1] }, !HAD_ONE, 'younger'],
    ['the next request of a connection, whose first has been answered', { ages: [50_000, 900, 900], data: [90, 2] }, HAD_ONE, 'younger'],
    ['one on another connection at the same ports', { ages: [60_000, 900, 900], data: [30, 0] }, HAD_ONE, 'younger'],
    ['a connection that sends and receives, such as a WebSocket', { ages: [300, 200, 200], data: [9, 9] }, HAD_ONE, 'younger'],
  ])('%s', async (_, sample, hadOne, expected) => {
    const script = `
watch = Connections([8080], True, 0, dict())
watch.take(parse_connections(given["text"]), 500.0)
look = dict(at=400.0, keys=["[::ffff:10.0.0.9]:8080 ${PEER}"] if given["hadOne"] else [])
result = ages(watch.counted, look, 500.0)`;
    const counts = await python.run(script, { text: line(sample), hadOne });
    expect(counts).toEqual(expected === 'older' ? { older: 1, younger: 0 } : { older: 0, younger: 1 });
  });
});

describe('ties, by what changed since the sample before', () => {
  const before: Sample = { ages: [9_000, 9_004, 8_960], data: [10, 10], empty: [10, 3] };
  const tie = { ages: [2_000, 2_000, 2_000] } as const;
  it.each<[string, Sample[], object]>([
    ['one segment came to an idle connection and was answered', [before, { ...tie, data: [11, 12], empty: [11, 4] }], IDLE],
    [
      'and stays idle',
      [before, { ...tie, data: [11, 12], empty: [11, 4] }, { ages: [2_200, 2_200, 2_200], data: [11, 12], empty: [11, 4] }],
      IDLE,
    ],
    ['the response was acknowledged by data: a request came after it', [before, { ...tie, data: [12, 12], empty: [10, 3] }], BUSY],
    ['requests were acknowledged by data: the response came after them', [before, { ...tie, data: [12, 12], empty: [11, 3] }], IDLE],
    [
      'but only once an empty acknowledgement would have been sent',
      [before, { ages: [200, 200, 200], data: [12, 12], empty: [11, 3] }],
      HELD,
    ],
    ['several requests with empty acknowledgements both ways are a tie', [before, { ...tie, data: [12, 12], empty: [11, 4] }], HELD],
    [
      'a tie is resolved by a later sample with the one before the tie',
      [before, { ages: [200, 200, 200], data: [12, 12], empty: [11, 3] }, { ages: [1_400, 1_400, 1_400], data: [12, 12], empty: [11, 3] }],
      IDLE,
    ],
    [
      'a tie with a request in flight before it stays in flight when an acknowledgement shows it',
      [
        { ages: [9_000, 4_000, 4_000], data: [11, 10], empty: [10, 4] },
        { ...tie, data: [12, 11], empty: [10, 5] },
      ],
      BUSY,
    ],
  ])('%s', async (_, samples, expected) => {
    expect(await judge(samples)).toMatchObject(expected);
  });
});

describe('quiet time', () => {
  it('begins with the last byte of the last response', async () => {
    expect((await judge([{ at: 20, ages: [3_000, 9_000, 2_960], data: [1, 5] }])).quiet).toBeCloseTo(3);
  });

  it('does not begin while a request is in flight, and goes on while a tie is held', async () => {
    expect((await judge([{ at: 20, ages: [9_000, 8_000, 8_000], data: [2, 1] }])).quiet).toBe(0);
    expect(await judge([{ at: 20, ages: [8_000, 8_000, 8_000], data: [2, 2] }])).toMatchObject({ ...HELD, quiet: 8 });
  });

  it('is no longer than the watch', async () => {
    expect((await judge([{ at: 5, ages: [60_000, 60_004, 59_960], data: [1, 1] }])).quiet).toBe(5);
  });
});

describe('long-lived connections', () => {
  /** A message of the server every 15 s, since a request two minutes ago. */
  const stream = times(5, (index): Sample => {
    const at = 15 * (index + 1);
    return { at, ages: [2_000, 120_000 + at * 1000, 1_960], data: [1, 9 + index] };
  });
  /** A ping of 6 bytes from the client and its pong, every 20 s. */
  const pings = times(
    4,
    (index): Sample => ({ at: 20 * (index + 1), ages: [5_000, 5_004, 4_960], data: [3 + index, 3 + index], bytes: 600 + 6 * index }),
  );

  it.each([
    ['a stream whose server sends again and again', stream],
    ['a WebSocket with frames shorter than any request', pings],
    [
      'a WebSocket that is asked and answers, long after the load balancer has stopped sending',
      times(8, (index): Sample => ({ at: 20 * (index + 1), ages: [5_000, 5_004, 4_960], data: [3 + index, 3 + index] })),
    ],
    [
      'a WebSocket with two short messages a second',
      times(4, (index): Sample => ({ ages: [400, 404, 360], data: [3 + index, 3 + index], bytes: 600 + 10 * index })),
    ],
    [
      'a WebSocket with two long messages a second, long after the load balancer has stopped sending',
      times(4, (index): Sample => ({ at: 61 + index / 2, ages: [400, 404, 360], data: [3 + index, 3 + index] })),
    ],
    [
      'a stream without pauses that began five minutes ago',
      times(25, (index): Sample => ({ ages: [50, 300_000 + 200 * index, 40], data: [1, 900 + 10 * index] })),
    ],
    [
      'one that sends and receives by turns of several messages',
      times(14, (index): Sample => {
        const isPush = index % 4 < 2;
        const [received, sent] = [
          3 + 2 * Math.floor(index / 4) + (isPush ? 0 : (index % 4) - 1),
          3 + 2 * Math.floor(index / 4) + (isPush ? (index % 4) + 1 : 2),
        ];
        return { at: 5 * (index + 1), ages: isPush ? [2_000, 7_000, 1_960] : [7_000, 2_000, 2_000], data: [received, sent] };
      }),
    ],
  ])('%s does not hold the drain, unless it is to be waited for', async (_, samples) => {
    expect(await judge(samples)).toMatchObject({ inFlight: 0, longLived: 1 });
    expect(await judge(samples, 'wait')).toMatchObject({ inFlight: 1, longLived: 1 });
  });

  it.each<[string, Sample[]]>([
    [
      'a download of three minutes',
      times(
        30,
        (index): Sample => ({
          at: 6 * (index + 1),
          ages: [20, 6_000 * (index + 1), 16],
          data: [1, 90 + 100 * index],
          unacknowledged: 9_000,
        }),
      ),
    ],
    [
      'an upload that stalls now and then',
      times(
        12,
        (index): Sample => ({
          at: 5 * (index + 1),
          ages: [9_000 + 5_000 * index, 2_000, 2_000],
          data: [9 + 20 * index, 1],
          bytes: 28_000 * index + 900,
        }),
      ),
    ],
    [
      'a response in parts, 40 s after its request',
      times(4, (index): Sample => ({ at: 10 * (index + 1), ages: [600, 10_000 * (index + 1), 560], data: [1, 2 + index] })),
    ],
    [
      'a body whose last bytes follow an answer that came early, request after request',
      [
        ...times(6, (index): Sample => ({ ages: [20, 24, 16], data: [3 + index, 3 + index], bytes: 600 + 5 * index })),
        { ages: [300, 200, 200], data: [9, 8], bytes: 900 },
      ],
    ],
    [
      'a computation of 250 s',
      times(9, (index): Sample => ({ at: 28 * (index + 1), ages: [28_000 * (index + 1), 27_900 * (index + 1), 27_900], data: [2, 1] })),
    ],
  ])('%s is not one: it holds the drain', async (_, samples) => {
    expect(await judge(samples)).toMatchObject({ inFlight: 1, longLived: 0 });
  });

  it('a response that pauses in mid-body for longer than the quiet time is taken for answered: the documented limit', async () => {
    const pausing = { at: 40, ages: [26_000, 30_000, 25_960], data: [1, 5] } as const;
    expect(await judge([pausing])).toMatchObject({ ...IDLE, quiet: 26 });
  });
});

describe('what goes on asking while a target drains', () => {
  const FIRST_SLICE_SECONDS = 10;
  const PAUSE_SECONDS = 1.5;
  const check = (port: number, ageMs: number): string =>
    line({ ages: [ageMs, ageMs + 4, ageMs], data: [1, 1] }).replace(PEER, `[::ffff:10.0.1.1]:${port}`);

  /** The quiet time and connections at every moment of a drain, in slices as the document takes them, with its memory between two of them. */
  const DRAIN = `
memory = dict()
history = []
for moments in given:
    watch = Connections([8080], True, moments[0][0], memory)
    for now, text in moments:
        counts = watch.take(parse_connections(text), now)
        history.append([now, counts["inFlight"], round(now - watch.active, 3)])
    memory = json.loads(json.dumps(watch.memory()))
result = history`;
  type Moment = readonly [at: number, inFlight: number, quiet: number];
  const drain = (until: number, textAt: (at: number) => string): Promise<Moment[]> => {
    const slices: [number, string][][] = [];
    for (let begin = 0; begin < until; begin += FIRST_SLICE_SECONDS + PAUSE_SECONDS) {
      slices.push(times(FIRST_SLICE_SECONDS * 5, (index) => [begin + index / 5, textAt(begin + index / 5)]));
    }
    return python.run<Moment[]>(DRAIN, slices);
  };
  const QUIET_SECONDS = 25;
  const endOf = (history: readonly Moment[]) =>
    history.find(([at, inFlight, quiet]) => at >= 10 && inFlight === 0 && quiet >= QUIET_SECONDS);

  /** Each check is a connection of its own, which stays for 0.3 s: one or two samples see it. */
  const checks = (nodes: number, everySeconds: number, phases: readonly number[]) => (at: number) =>
    times(nodes, (node) => {
      const since = at - (phases[node] ?? 0) * everySeconds;
      const round = Math.floor(since / everySeconds);
      const age = since - round * everySeconds;
      return since >= 0 && age < 0.3 ? [check(20_000 + 1_000 * node + round, Math.round(age * 1000))] : [];
    })
      .flat()
      .join('\n');

  const EVEN = (nodes: number) => times(nodes, (node) => node / nodes);
  const RANDOM = (nodes: number, seed: number) => times(nodes, (node) => (((seed + 1) * 7919 + node * 104_729) % 1_000) / 1_000);
  const TABLE = [2, 3, 4].flatMap((nodes) =>
    [5, 10].flatMap((every) => [EVEN(nodes), ...times(3, (seed) => RANDOM(nodes, seed))].map((phases) => ({ nodes, every, phases }))),
  );

  it.each(TABLE)('$nodes nodes that check health every $every s, at $phases: the drain ends', async ({ nodes, every, phases }) => {
    const history = await drain(100, checks(nodes, every, phases));
    const before = history.filter(([at]) => at < 60);
    expect(endOf(before), 'users may still come').toBeUndefined();
    expect(endOf(history)?.[0]).toBeLessThan(60 + QUIET_SECONDS + 2 * PAUSE_SECONDS);
  });

  it('a request on a connection of before is waited for, as long as it takes', async () => {
    const asked = (at: number) =>
      line({ ages: [Math.round(at * 1000) + 900, Math.round((at - 55) * 1000), Math.round((at - 55) * 1000)], data: [2, 1] });
    const idle = (at: number) =>
      line({ ages: [Math.round(at * 1000) + 900, Math.round(at * 1000) + 904, Math.round(at * 1000) + 860], data: [1, 1] });
    const answered = (at: number) => line({ ages: [Math.round((at - 120) * 1000), Math.round((at - 55) * 1000), 0], data: [2, 2] });
    const textAt = (at: number) => (at < 55 ? idle(at) : at < 120 ? asked(at) : answered(at));
    const history = await drain(170, (at) => [textAt(at), checks(3, 5, EVEN(3))(at)].join('\n'));
    expect(endOf(history)?.[0]).toBeGreaterThanOrEqual(120 + QUIET_SECONDS);
    expect(endOf(history)?.[0]).toBeLessThan(122 + QUIET_SECONDS + 2 * PAUSE_SECONDS);
    expect(history.filter(([at]) => at >= 56 && at < 120).every(([, inFlight]) => inFlight >= 1)).toBe(true);
  });

  it("a connection that came within the minute, but between two slices, is a user's", async () => {
    const textAt = (at: number) => (at < 60 ? '' : line({ ages: [60_000, Math.round((at - 59) * 1000), 0], data: [2, 1] }));
    const slices = [
      [
        [0, ''],
        [59, ''],
      ],
      [
        [61, textAt(61)],
        [62, textAt(62)],
      ],
    ];
    const history = await python.run<Moment[]>(DRAIN, slices);
    expect(history.at(-1)).toEqual([62, 1, 0]);
  });
});

it('takes IPv4 addresses and those that a dual-stack listener shows', async () => {
  const texts = ['ESTAB 0 0 10.0.0.9:80 10.0.0.1:4000\n\t cubic rto:204 lastsnd:4', line({ ages: [1, 2, 3], data: [1, 1] })];
  const parsed = await python.run('result = [sample["peer"] for text in given for sample in parse_connections(text)]', texts);
  expect(parsed).toEqual(['10.0.0.1:4000', PEER]);
});

it('refuses a view without times', async () => {
  const script = `
try:
    Connections([80], True, 0, dict()).take(parse_connections(given), 1)
except NoView as error:
    result = str(error)`;
  expect(await python.run(script, 'ESTAB 0 0 10.0.0.9:80 10.0.0.1:4000\n')).toBe('ss shows no tcp_info: update iproute');
});
