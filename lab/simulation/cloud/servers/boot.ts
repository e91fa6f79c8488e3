/** A machine's first boot: its agent registers, and its user data goes through the phases of server/user-data. */
import type { Kernel } from '../../kernel/kernel.ts';
import { MAIN_FILE } from '../bundles.ts';
import type { Machine } from './machine.ts';

export interface BootOptions {
  readonly kernel: Kernel;
  /** Share of launched machines, from 0 to 1, whose user data fails. @default 0 */
  readonly failingUserData?: number;
  /** From then on none fails. @default never */
  readonly healed?: () => boolean;
  /** Machines of an existing group: they have no user data of Holdfast's, and what their image brings. */
  readonly isExisting?: boolean;
  /** Called as it fails. */
  readonly userDataFailed?: () => void;
}

interface Phase {
  readonly name: string;
  readonly ms: readonly [least: number, most: number];
  /** What it leaves at its end. */
  readonly leaves?: (machine: Machine) => void;
}

const PACKAGE_PHASE: Phase = { name: 'installing package nodejs24', ms: [4_000, 45_000] };

/** As user-data.sh enters them. */
const PHASES: readonly Phase[] = [
  { name: 'creating the user and the folders', ms: [300, 2_000] },
  {
    name: 'writing the services and their settings',
    ms: [500, 3_000],
    leaves: ({ disk }) => {
      disk.prepared = true;
    },
  },
  {
    name: 'starting the placeholder',
    ms: [200, 1_500],
    leaves: (machine) => {
      machine.disk.hasPlaceholder = true;
      machine.startService('holdfast-placeholder');
    },
  },
  PACKAGE_PHASE,
];

/** Until cloud-init runs user data, and until the agent has registered. */
const KERNEL_MS = [8_000, 30_000] as const;
const AGENT_MS = [10_000, 45_000] as const;

export function bootMachine(machine: Machine, { kernel, failingUserData = 0, healed, isExisting, userDataFailed }: BootOptions): void {
  const { random, boot, disk } = machine;
  const isStill = () => machine.isRunning && machine.boot === boot;
  const fails = random.chance(failingUserData);
  kernel.note('server', `${machine.instanceId} boots`);
  kernel.after(random.whole(...AGENT_MS), () => {
    if (isStill()) machine.agentRegisteredAtMs = kernel.now();
  });

  const enter = (index: number): void => {
    if (!isStill()) return;
    const phase = PHASES[index];
    if (phase === undefined) {
      disk.userData = { word: 'ended', phase: 'user data has ended', reason: '', alive: false };
      return;
    }
    disk.userData = { word: 'running', phase: phase.name, reason: '', alive: true };
    kernel.after(random.whole(...phase.ms), () => {
      if (!isStill()) return;
      if (fails && phase === PACKAGE_PHASE && !healed?.()) {
        disk.userData = {
          word: 'failed',
          phase: `${phase.name}, attempt 3`,
          reason: 'exit code 1\nNo match for argument: nodejs24',
          alive: false,
        };
        kernel.note('server', `${machine.instanceId}: user data failed`);
        userDataFailed?.();
        return;
      }
      phase.leaves?.(machine);
      enter(index + 1);
    });
  };
  kernel.after(random.whole(...KERNEL_MS), () => {
    if (!isExisting) enter(0);
    else if (isStill()) {
      disk.userData = { word: 'ended', phase: 'user data has ended', reason: '', alive: false };
      if (machine.bundles.files.has(MAIN_FILE)) machine.startService('own');
    }
  });
}
