/**
 * One drawn outage, full store, broken server or lost stickiness: witnesses that answer, are silent, late, or (one of them) lie; people who
 * answer in time, late or never; runs that are killed; a second incident; an operator's deploy in between. What must never be is listed.
 */
import type { Finding } from '../../../../functions/incidents/contract/causes.ts';
import { type MitigationName, type Mode, whyAsks } from '../../../../functions/incidents/contract/mitigations.ts';
import { fleetAlarmName } from '../../../../functions/shared/naming.ts';
import { type Random, seededRandom } from '../../../../lab/simulation/kernel/random.ts';
import { RELEASE } from '../../fakes/fixtures.ts';
import { LONGEST_MINUTES } from './mitigations-in.ts';
import { playDeploy } from './play-deploys.ts';
import { incidentWorld } from './world.ts';

const found = (cause: string, about = {}): Finding =>
  ({
    ...{ verdict: 'cause', cause, confidence: 'certain', sentence: cause, sinceMs: 0, because: [], wouldRefute: [], also: [] },
    about,
  }) as unknown as Finding;
const WELL: Finding = { verdict: 'nothing', because: [], missing: [] };
const STORIES = {
  outage: ['store-down', ['re-login-page', 'promote-replica']],
  stickiness: ['stickiness-off', ['restore-stickiness']],
  keys: ['missing-expiry', ['sweep-now']],
  deploy: ['deploy-in-progress', ['stop-deploy']],
} as const satisfies Record<string, readonly [string, readonly MitigationName[]]>;
type Story = keyof typeof STORIES;

const END = 420;
/** A quarter of an hour; and where nobody is believed, what passes until the next turn of the schedule and its calls. */
const OUTLIVES = 15;
const TURN = 7;
/** Where one that uses the store, and is believed, says that it works: two turns of the schedule, and their calls. */
const SOON = 12;
/** What repairs the store is sent so soon after a yes, whatever else waits or is in effect. */
const SENT_BY = 1;
/** After a yes it waits no longer for its turn: the quarter of an hour of another one, what its repetitions take, and two calls. */
const TURN_BY = 15 + 5 + 1;
/** Minutes between two readings that show a page. */
const PAGE_WAITS = 2;
/** People hear of an incident within this time, whatever its mitigations wait for. */
const REPORTED_BY = 20;

type Manner = 'true' | 'silent' | 'late' | 'lies';
const WITNESSES = ['servers', 'fleet', 'collector'] as const;

export interface Played {
  readonly broken: readonly string[];
  readonly did: readonly string[];
  readonly entered: ReadonlySet<string>;
}

export async function playMitigations(seed: number): Promise<Played> {
  const random = seededRandom(seed, 'mitigations');
  const story = random.pick<Story>([...(Object.keys(STORIES) as Story[]), 'outage', 'outage', 'outage', 'outage', 'deploy']);
  const [cause, names] = STORIES[story];
  const modes = Object.fromEntries(
    names.map((name): [MitigationName, Mode] => [name, random.chance(0.7) && whyAsks(name) === undefined ? 'auto' : 'observe']),
  );
  const played = incidentWorld(modes, { seed, takes: () => random.whole(0, 5), arrives: () => [random.whole(0, 20)] });
  const { world, at } = played;
  const up = random.whole(2, 150);
  const manners = drawManners(random);
  const late = random.whole(2, 8);
  // An alarm can stay on for another reason: that ends nothing, and holds nothing.
  const ok = up + (random.chance(0.5) ? 2 : random.whole(60, 190));
  const faults = seededRandom(seed, 'faults');
  world.pageRules = faults.pick(['work', 'work', 'slow', 'fail']);
  if (names.length > 1 && story !== 'outage' && faults.chance(0.4)) world.fails = faults.pick<MitigationName>(names);
  const broken: string[] = [];
  const did: string[] = [
    `${cause} ${JSON.stringify(modes)} until ${up}, ${JSON.stringify(manners)}, late by ${late}, OK at ${ok}, rules ${world.pageRules}, ${world.fails} fails`,
  ];
  const wrong = (text: string) => void broken.push(`minute ${played.minute().toFixed(1)}: ${text}`);
  const seen = watch(played, () => played.minute() > up + late + 1, wrong);
  await played.fleetRecords.promote('web', { version: '2.0.0', sha256: RELEASE.sha256, deployId: 'd0', fencingToken: 0, atMs: 1 });
  await played.fleetRecords.putInstance('web', { instanceId: 'i-1', version: '2.0.0', installedAtMs: 1 });
  const deployed = story === 'deploy' ? await playDeploy(played, random, wrong) : undefined;
  world.finding = found(cause, deployed?.about);
  if (random.chance(0.2)) world.cutOff = 'i-2';
  world.trailMinutes = random.pick([15, 15, -600]);
  world.areHurt = random.pick([true, true, true, undefined]);
  for (const witness of WITNESSES) speak(played, witness, manners[witness], false);
  for (const witness of WITNESSES) at(up + (manners[witness] === 'late' ? late : 0), () => speak(played, witness, manners[witness], true));
  at(up, () => {
    Object.assign(world, { finding: WELL, findings: {}, areHurt: false });
  });
  at(ok, () => played.alarm('OK'));
  // At night nobody comes, and the alarms of users are off in the middle of an outage.
  const nights = seededRandom(seed, 'nights');
  if (story === 'outage' && nights.chance(0.25)) at(nights.whole(4, 60), () => played.alarm('OK'));
  const killed = random.chance(0.3) ? random.whole(1, 60) : END;
  const isSent = async (since: number) => {
    if (killed < since + SENT_BY || sayWorks(played).length > 0 || up < since + SENT_BY) return;
    // Its pre-conditions do not hold, or another run had just begun: the person reads that.
    if ((await played.incidents()).some(({ mitigations }) => mitigations['promote-replica']?.state === 'refused')) return;
    if (played.storeGroup.promoted.length === 0) wrong(`a promotion that was asked for at ${since} is held up`);
  };
  const answers = random.pick(['soon', 'soon', 'late', 'never'] as const);
  for (const name of names) {
    const minute = answers === 'soon' ? random.whole(3, 28) : random.whole(31, 80);
    if (answers === 'never') continue;
    at(minute, async () => {
      if (!(await played.ask(name))) return;
      await noteAsked(played, name, seen.yes);
      at(minute + TURN_BY, async () => {
        const waits = (await played.incidents()).some(
          ({ mitigations }) => mitigations[name]?.state === 'planned' && mitigations[name]?.requestedBy !== undefined,
        );
        if (waits) wrong(`${name}, asked for at ${minute}, still waits for its turn`);
      });
      // Somebody else does by hand what was just approved.
      if (deployed !== undefined && random.chance(0.3)) at(minute + random.fraction() / 20, deployed.abort);
      // Another incident can ask the same.
      at(minute + 3, async () => {
        if (await played.ask(name)) await noteAsked(played, name, seen.yes);
      });
      did.push(`${name} was asked for at ${minute}`);
      if (name === 'promote-replica' && sayWorks(played).length === 0) at(minute + SENT_BY, () => isSent(minute));
    });
  }
  if (killed < END) did.push(`runs are killed at ${killed}`);
  at(killed, played.kill);
  if (['outage', 'deploy'].includes(story) && random.chance(0.3)) {
    const minute = random.whole(1, 30);
    did.push(`a second incident at ${minute}`);
    at(minute, async () => {
      if (minute >= up) return;
      if (story === 'outage') world.findings['logged-out'] = found('store-connection-failures');
      await played.alarm('ALARM', fleetAlarmName('holdfast', 'web', 'redirects'));
    });
    at(up + 3, () => played.alarm('OK', fleetAlarmName('holdfast', 'web', 'redirects')));
  }
  await played.alarm('ALARM');
  await played.until(END);

  const { servers, fleet } = manners;
  const all = Object.values(manners);
  const isPlain =
    world.cutOff === undefined && (fleet === 'true' || (servers === 'true' && !all.includes('lies') && !all.includes('late')));
  const outlives = isPlain ? SOON : OUTLIVES + TURN + (all.includes('late') ? late : 0);
  const endsBy = (from: number) => Math.min(Math.max(from, up) + outlives, from + LONGEST_MINUTES + TURN);
  for (const { from, to } of seen.shown) if (to > endsBy(from)) broken.push(`the page was shown from ${from} to ${to}`);
  // Two who say so hold it until the outage is over, whatever the alarms do.
  const areTwo = !all.includes('lies') && all.filter((one) => one !== 'silent').length > 1 && killed === END;
  for (const { from, to } of areTwo ? seen.shown : [])
    if (to < up && to - from < LONGEST_MINUTES - TURN) broken.push(`what bridges the outage since ${from} ends in it at ${to}`);
  const left = [...(await leftOf(played)), ...((await deployed?.left()) ?? [])];
  return { broken: [...broken, ...left], did: [...did, ...(deployed?.did ?? [])], entered: played.entered };
}

type World = ReturnType<typeof incidentWorld>;

/** One lies at most: two that are wrong are believed. */
function drawManners(random: Random): Readonly<Record<(typeof WITNESSES)[number], Manner>> {
  const liar = random.chance(0.4) ? random.pick(WITNESSES) : undefined;
  const draw = (witness: string): Manner => (witness === liar ? 'lies' : random.pick(['true', 'true', 'silent', 'late'] as const));
  return { servers: draw('servers'), fleet: draw('fleet'), collector: draw('collector') };
}

/** What a witness says from now on. */
function speak({ world }: World, witness: (typeof WITNESSES)[number], manner: Manner, isUp: boolean): void {
  const works = manner === 'lies' ? !isUp : isUp;
  if (witness !== 'servers') {
    world.said[witness] = manner === 'silent' ? 'silent' : works ? 'works' : 'away';
    return;
  }
  world.servers = manner === 'silent' ? 'silent' : 'answer';
  // A proxy that answers PING in the outage, or a broken PING after it.
  world.serversSay = manner === 'lies' ? { store: { reachable: works, ...(!works && { error: 'no answer within 2 s' }) } } : {};
  world.isUp = manner !== 'lies' && works;
}

/** Who says so now. */
const sayWorks = ({ world: { said, servers, isUp } }: World): readonly string[] => [
  ...(servers === 'answer' && isUp ? ['servers'] : []),
  ...WITNESSES.filter((one) => one !== 'servers' && said[one] === 'works'),
];
const sayAway = ({ world: { said, servers, isUp } }: World): readonly string[] => [
  ...(servers === 'answer' && !isUp ? ['servers'] : []),
  ...WITNESSES.filter((one) => one !== 'servers' && said[one] === 'away'),
];

interface Interval {
  readonly from: number;
  to: number;
}

/** Judges each act when it is done, and notes how long its effect lasts. */
function watch(played: World, isOver: () => boolean, wrong: (text: string) => void) {
  const { world, page, storeGroup, attributes, incidents, minute } = played;
  /** When people have approved it last. */
  const yes = new Map<MitigationName, number>();
  const shown: Interval[] = [];
  const note = (intervals: Interval[] = [], isOn: boolean) => {
    const last = intervals.at(-1);
    if (isOn && (last === undefined || last.to < END)) intervals.push({ from: minute(), to: END });
    if (!isOn && last?.to === END) last.to = minute();
  };
  page.onChange = (what) => {
    note(shown, page.rules.length > 0);
    if (what !== 'create') return;
    if (page.rules.length > 1) wrong('a second page is shown');
    if (world.areHurt !== true) wrong('the page is shown, and nobody is hurt');
    if (sayAway(played).length < 2) wrong(`the page is shown by ${sayAway(played).join(', ')} alone`);
    if (isOver()) wrong('the page is shown for an outage that is over');
    if (minute() < (yes.get('re-login-page') ?? -PAGE_WAITS) + PAGE_WAITS)
      wrong('the page is shown by one reading since somebody asked for it');
  };
  const { promote } = storeGroup;
  storeGroup.promote = async (id) => {
    if (sayWorks(played).length > 0) wrong(`a replica is promoted, and ${sayWorks(played).join(', ')} have a primary`);
    if (storeGroup.promoted.length > 0) wrong('a replica is promoted twice');
    return promote(id);
  };
  const { write } = attributes;
  attributes.write = async (arn, values) => {
    const isDecided = (await incidents()).some(({ mitigations }) => mitigations['restore-stickiness']?.requestedBy !== undefined);
    if (!isDecided && world.trailMinutes > 0) wrong('stickiness is restored before CloudTrail can name who changed it');
    if (attributes.writes.length > 0) wrong('stickiness is restored twice');
    return write(arn, values);
  };
  return { shown, yes };
}

/** A request that is repeated while it is under way begins nothing anew. */
async function noteAsked({ incidents, now, minute }: World, name: MitigationName, yes: Map<MitigationName, number>): Promise<void> {
  const asked = (await incidents()).map(({ mitigations }) => mitigations[name]?.requestedAtMs ?? 0);
  yes.set(name, minute() - (now() - Math.max(...asked)) / 60_000);
}

/** What is left at the end. */
async function leftOf(played: World): Promise<readonly string[]> {
  const { page, group, fleetRecords, sweeps, messages, sent } = played;
  const lock = await fleetRecords.getLock('web');
  const incidents = await played.incidents();
  const open = incidents.filter(({ closedAtMs }) => closedAtMs === undefined);
  const first = messages.find(({ subject }) => subject.startsWith('Report'));
  const swept = new Set(sweeps.calls.filter((call) => call.startsWith('startOnce')).map((call) => call.split(' ')[1]));
  return [
    ...(page.rules.length > 0 ? ['the page is left'] : []),
    ...(group.suspended.size > 0 ? [`left suspended: ${[...group.suspended].join(', ')}`] : []),
    ...(lock?.deployId !== undefined ? [`the lock is left to ${lock.deployId}`] : []),
    ...(open.length > 0 ? [`open: ${open.map(({ incidentId, stage }) => `${incidentId} ${stage}`).join(', ')}`] : []),
    ...(swept.size > incidents.length ? ['an incident swept twice'] : []),
    ...(new Set(sent).size < sent.length ? ['a message was sent twice'] : []),
    ...(first === undefined || first.minute > REPORTED_BY ? [`the first report came at minute ${first?.minute}`] : []),
  ];
}
