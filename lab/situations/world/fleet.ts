/** The servers behind the load balancer. */
import { SERVERS, type Situation } from '../situation.ts';
import type { Random } from './random.ts';
import { concernsServer, happeningsOf, isInForce, rolledAtMs, timeOf } from './timeline.ts';
import type { Person } from './user.ts';

const RESTART_MS = 20_000;

/** Which servers there are, and which of them a request goes to. */
export class Fleet {
  private readonly situation: Situation;
  private readonly count: number;
  private readonly known = new Map<number, readonly number[]>();

  constructor(situation: Situation) {
    this.situation = situation;
    this.count = situation.installation?.servers ?? SERVERS;
  }

  at(atMs: number): readonly number[] {
    const second = Math.floor(atMs / 1_000);
    const before = this.known.get(second);
    if (before) return before;
    const replaced = happeningsOf(this.situation, 'replaced').filter(({ at }) => atMs >= timeOf(at));
    const gone = new Set(replaced.map(({ server }) => server));
    const launched = replaced.flatMap(({ why, at }, index) =>
      why === 'scaleIn' || atMs < timeOf(at) + 90_000 ? [] : [this.count + 1 + index],
    );
    const servers = [...Array.from({ length: this.count }, (_, index) => index + 1).filter((server) => !gone.has(server)), ...launched];
    this.known.set(second, servers);
    return servers;
  }

  /** When a server's process began last, in the time that is simulated. */
  restartsOf(server: number): readonly number[] {
    return [
      ...happeningsOf(this.situation, 'release').map((one) => rolledAtMs(one, server, this.count)),
      ...happeningsOf(this.situation, 'serverRestart').flatMap((one) => (concernsServer(one, server) ? timeOf(one.at) : [])),
    ];
  }

  private isUp(server: number, atMs: number): boolean {
    const isOut = happeningsOf(this.situation, 'targets').some((one) => isInForce(one, atMs) && concernsServer(one, server));
    return !isOut && !this.restartsOf(server).some((each) => atMs >= each && atMs < each + RESTART_MS);
  }

  stickinessAt(atMs: number): { readonly enabled: boolean; readonly durationSeconds: number } {
    const deployed = { enabled: this.situation.installation?.sessions === 'memory', durationSeconds: 86_400 };
    const last = happeningsOf(this.situation, 'stickiness').findLast((one) => isInForce(one, atMs));
    return last ? { enabled: last.enabled, durationSeconds: last.durationSeconds ?? 86_400 } : deployed;
  }

  choose(person: Person, atMs: number, random: Random): number | undefined {
    const up = this.at(atMs).filter((server) => this.isUp(server, atMs));
    const { enabled, durationSeconds } = this.stickinessAt(atMs);
    const { held } = person;
    if (enabled && held && atMs < held.untilMs && up.includes(held.server)) {
      person.held = { server: held.server, untilMs: atMs + durationSeconds * 1_000 };
      return held.server;
    }
    const server = up[Math.floor(random() * up.length)];
    person.held = enabled && server !== undefined ? { server, untilMs: atMs + durationSeconds * 1_000 } : undefined;
    return server;
  }
}
