/** The CodeDeploy bundles of a run: what their releases copy to a server, which scripts they have, and how these end. */
import { BUNDLE_EVENTS, type Bundle, type BundleEvent, FILE_EXISTS } from '../../../functions/shared/app-contract.ts';
import type { Random } from '../kernel/random.ts';

/** The application itself: the version in it is what its service runs. */
export const MAIN_FILE = '/srv/app/app.war';
/** No bundle has it. */
export const FOREIGN_FILE = '/srv/app/conf/by-hand.properties';

/** `hangs`: until its time-out. */
export const SCRIPT_ENDS = ['works', 'fails', 'hangs'] as const;
export type ScriptEnd = (typeof SCRIPT_ENDS)[number];

export interface BundleScript {
  readonly ms: number;
  readonly ends: ScriptEnd;
  readonly timeoutSeconds: number;
}

export interface DrawnBundle {
  /** Contents by their paths on the server. */
  readonly files: ReadonlyMap<string, string>;
  readonly fileExists: (typeof FILE_EXISTS)[number];
  readonly scripts: Partial<Readonly<Record<BundleEvent, readonly BundleScript[]>>>;
}

/** How an event of a release ends that does not work. */
export interface BadScript {
  readonly event: BundleEvent;
  readonly ends: Exclude<ScriptEnd, 'works'>;
}

/** Longer than everything else that an install does, so that its time-out has to know of it. */
const SLOW_MS = [1_100_000, 1_400_000] as const;
const HAS_EVENT = 0.45;
/** Without these an application is not restarted, or nobody finds out. */
const ALWAYS: ReadonlySet<BundleEvent> = new Set(['ApplicationStop', 'ApplicationStart']);

export interface BundleDraw {
  readonly bad?: readonly BadScript[];
  readonly fileExists?: DrawnBundle['fileExists'] | undefined;
  /** A script takes longer than everything else. @default now and then */
  readonly isSlow?: boolean | undefined;
}

export function drawBundle(random: Random, version: string, { bad = [], fileExists, isSlow: hasSlow }: BundleDraw = {}): DrawnBundle {
  const same = random.chance(0.5);
  const files = new Map([
    [MAIN_FILE, version],
    ['/srv/app/conf/app.properties', same ? 'as always' : `of ${version}`],
    [`/srv/app/lib/only-in-${version}.jar`, version],
  ]);
  if (random.chance(0.3)) files.set('/srv/app/lib/now-and-then.jar', version);
  const isSlow = random.chance(0.02) || hasSlow;
  const slow = random.pick<BundleEvent>(['BeforeInstall', 'AfterInstall', 'ValidateService']);
  const scripts = BUNDLE_EVENTS.flatMap((event) => {
    const drawn = drawScripts(random);
    const found = bad.find((one) => one.event === event);
    if (isSlow && event === slow && !found) return [[event, [{ ms: random.whole(...SLOW_MS), ends: 'works', timeoutSeconds: 1_800 }]]];
    if (!found) return ALWAYS.has(event) || random.chance(HAS_EVENT) ? [[event, drawn]] : [];
    return [[event, [...drawn, { ms: random.whole(50, 2_000), ends: found.ends, timeoutSeconds: random.whole(5, 60) }]]];
  });
  return { files, fileExists: fileExists ?? random.pick(FILE_EXISTS), scripts: Object.fromEntries(scripts) };
}

function drawScripts(random: Random): BundleScript[] {
  return Array.from({ length: random.chance(0.2) ? 2 : 1 }, () => {
    const ms = random.chance(0.1) ? random.whole(10_000, 50_000) : random.whole(50, 4_000);
    return { ms, ends: 'works', timeoutSeconds: random.pick([90, 120, 300]) };
  });
}

/** As publishing writes it. */
export const contractOf = ({ files, fileExists, scripts }: DrawnBundle): Bundle => ({
  files: [...files.keys()].map((path) => ({ source: path.slice(1), destination: path.slice(0, path.lastIndexOf('/')) })),
  permissions: [],
  fileExists,
  hooks: Object.fromEntries(
    Object.entries(scripts).map(([event, some]) => [
      event,
      some.map(({ timeoutSeconds }, index) => ({ location: `scripts/${event}-${index}.sh`, timeout: timeoutSeconds })),
    ]),
  ),
});

/** What a machine has of bundles; its paths outlive a restart. */
export interface BundleDisk {
  readonly files: Map<string, string>;
  /** Version whose Install ended last; `none` without one. */
  installed: string;
  /** Its ValidateService has ended, and no later order has begun. */
  complete: boolean;
  /** What the next Install removes. */
  listed: string[];
  /** By version: what an adopted server had in the place of the version's files; undefined for a file that it did not have. */
  readonly adopted: Map<string, ReadonlyMap<string, string | undefined>>;
}

export const emptyBundleDisk = (): BundleDisk => ({
  files: new Map([[FOREIGN_FILE, 'by hand']]),
  installed: 'none',
  complete: false,
  listed: [],
  adopted: new Map(),
});

/** What happens on a server of bundles, told as it happens. */
export type BundleAct =
  /** The state that the server begins with. */
  | { readonly kind: 'began' }
  /** @property mode what was ordered, `token` by whom */
  | { readonly kind: 'script'; readonly event: BundleEvent; readonly version: string; readonly mode: string; readonly token: string }
  | { readonly kind: 'wrote'; readonly path: string }
  | { readonly kind: 'installed'; readonly version: string }
  | { readonly kind: 'validated'; readonly version: string }
  | { readonly kind: 'adopted'; readonly version: string }
  | { readonly kind: 'refused'; readonly version: string }
  | { readonly kind: 'stopped' };
