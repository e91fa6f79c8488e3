/** The releases of a run: what DynamoDB records of them, what S3 holds, and how they behave on a server. */
import { createHash } from 'node:crypto';
import { PEOPLE_KINDS, type PeopleKind } from '../../../functions/people/contract.ts';
import type { ReleaseRecord } from '../../../functions/records/types.ts';
import { EPOCH_MS } from '../kernel/kernel.ts';
import type { Random } from '../kernel/random.ts';
import { contractOf, type DrawnBundle } from './bundles.ts';

/** Where a release shows that it is bad. */
export const QUALITIES = ['good', 'checksum', 'download', 'start', 'ready', 'loadBalancer', 'bake', 'settle', 'people'] as const;
/**
 * Of bundles. `hook`: a script fails before the target is registered, `lateHook`: after it. `stop`: the release is good, and the previous one
 * cannot be stopped. `differs`: what runs is not the release that it is to be adopted as. `smuggled`: a bundle for a fleet of another kind.
 */
export const BUNDLE_QUALITIES = ['hook', 'lateHook', 'stop', 'differs', 'smuggled'] as const;
export type Quality = (typeof QUALITIES)[number] | (typeof BUNDLE_QUALITIES)[number];

/** How a release behaves once its service is started. */
export interface Behaviour {
  /** `exits`: the process ends at once, whenever it is started. `deaf`: it runs and never listens. */
  readonly start: 'listens' | 'exits' | 'deaf';
  /** From the service's start until it listens, at least and at most. */
  readonly startMs: readonly [least: number, most: number];
  /** Whether the readiness path answers UP. */
  readonly isReady: boolean;
  /** Status of the load balancer's health path. */
  readonly healthStatus: number;
  /** Time that a probe's answer takes. */
  readonly probeMs: readonly [least: number, most: number];
  /** Share of users' requests, from 0 to 1, that are answered with a 5xx status. */
  readonly errorShare: number;
  /** What it does to users, while all else is fine. @default nothing */
  readonly hurts?: PeopleKind;
  /** From the first user's request until errors begin. */
  readonly errorsAfterMs: number;
  /** Whether it has the probes `inFlight` and `requests`; `errors` too. */
  readonly offersCounts: boolean;
}

export interface Release {
  readonly version: string;
  readonly quality: Quality;
  /** By DynamoDB's record, lower-case hex. */
  readonly sha256: string;
  /** SHA-256 of the object in S3; undefined when S3 does not return it. */
  readonly archiveSha256: string | undefined;
  readonly behaviour: Behaviour;
  /** Of a CodeDeploy bundle. */
  readonly bundle?: DrawnBundle;
  /** Its record does not say so. */
  readonly isHidden?: boolean;
}

const GOOD: Behaviour = {
  start: 'listens',
  startMs: [1_500, 12_000],
  isReady: true,
  healthStatus: 200,
  probeMs: [1, 30],
  errorShare: 0,
  errorsAfterMs: 0,
  offersCounts: true,
};

/** Later than the bake of the last server can end after the first requests reached it, sooner than the settling ends. */
const ERRORS_AFTER_MS = 25_000;

/** A release of this quality; a seed decides in which way it is bad, and how long it takes to start. */
export function drawRelease(random: Random, version: string, quality: Quality, changes: Partial<Behaviour> = {}): Release {
  const least = random.whole(800, 6_000);
  const good: Behaviour = { ...GOOD, startMs: [least, least + random.whole(500, random.chance(0.2) ? 25_000 : 6_000)] };
  const sha256 = archiveSha256(version);
  // A release that is bad by its errors shows them in its counts.
  const offersCounts = quality !== 'good' || random.chance(0.7);
  return {
    version,
    quality,
    sha256,
    archiveSha256: quality === 'download' ? undefined : quality === 'checksum' ? archiveSha256(`${version}, cut off`) : sha256,
    behaviour: { ...good, offersCounts, ...badBehaviour(random, quality), ...changes },
  };
}

function badBehaviour(random: Random, quality: Quality): Partial<Behaviour> {
  switch (quality) {
    case 'start':
      return { start: random.pick(['exits', 'deaf']) };
    case 'ready':
      return { isReady: false };
    case 'loadBalancer':
      return { healthStatus: random.pick([500, 503, 404]) };
    case 'bake':
      return random.chance(0.75) ? { errorShare: random.pick([0.3, 0.6, 1]) } : { probeMs: [1_200, 1_800] };
    case 'people':
      return { hurts: random.pick(PEOPLE_KINDS.filter((kind) => kind !== 'serverErrors')) };
    case 'settle':
      return { errorShare: random.pick([0.5, 1]), errorsAfterMs: ERRORS_AFTER_MS };
    default:
      return {};
  }
}

const archiveSha256 = (content: string): string => createHash('sha256').update(`archive of ${content}`).digest('hex');

/** Every release that was published in the run. */
export class Releases {
  private readonly all = new Map<string, Release>();

  /** @returns the release, published */
  publish(release: Release): Release {
    if (this.all.has(release.version)) throw new Error(`release ${release.version} was published before`);
    this.all.set(release.version, release);
    return release;
  }

  /** @throws Error for one that was never published: a deploy of it is a mistake of the run */
  get(version: string): Release {
    const release = this.all.get(version);
    if (release === undefined) throw new Error(`release ${version} was never published`);
    return release;
  }

  list(): readonly Release[] {
    return [...this.all.values()];
  }
}

/** What `holdfast releases publish` writes. */
export function releaseRecord(fleet: string, release: Release, sessionsInMemory = false): ReleaseRecord {
  const counts = (field: string) => ({ path: '/stats', field });
  return {
    fleet,
    version: release.version,
    sha256: release.sha256,
    sizeBytes: 20_000_000,
    ...(!release.bundle && { assets: { sha256: release.sha256, sizeBytes: 1_000_000 } }),
    publishedAtMs: EPOCH_MS,
    publishedBy: 'arn:aws:iam::000000000000:user/operator',
    app: {
      start: release.bundle ? ['appspec.yml'] : ['node', 'server.mjs'],
      port: 3000,
      health: { loadBalancer: '/healthz', ready: '/ready' },
      ...(release.bundle && !release.isHidden && { bundle: contractOf(release.bundle) }),
      logs: { access: { path: 'access.log', pattern: '%t %r %s' } },
      ...(sessionsInMemory && { sessions: counts('sessions'), session: { cookie: 'SID' } }),
      ...(release.behaviour.offersCounts && { inFlight: counts('inFlight'), requests: counts('requests'), errors: counts('errors') }),
    },
  };
}
