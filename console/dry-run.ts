/** What a deploy would do, as the page shows it. Texts are those of the CLI. */
import { z } from 'zod';
import type { Cloud } from '../cli/cloud.ts';
import { askDryRun } from '../cli/deploy/dry-run.ts';
import { drainWords, expectedWords, orderWords, startWords, suspendedWords, togetherWords } from '../cli/deploy/dry-run-lines.ts';
import { releaseVersion } from '../cli/option-values.ts';
import type { Refusal, Unchecked } from '../functions/deploy/dry-run/contract.ts';
import { counted, durationText } from '../functions/shared/texts.ts';
import { onFailure, pauseAfter } from './actions.ts';
import { parseInput } from './parse-input.ts';

const dryRunInput = z.strictObject({ version: z.string(), pauseAfter, onFailure });

export interface PlannedRow {
  readonly instanceId: string;
  readonly zone: string;
  readonly version: string;
  /** `after 40.0 s, with i-2`; `alone` */
  readonly outOfService: string;
  readonly drain: string;
}

export interface DryRunView {
  readonly refused: boolean;
  readonly refusals: readonly Refusal[];
  readonly warnings: readonly string[];
  readonly unchecked: readonly Unchecked[];
  readonly people?: string;
  readonly sessions?: string;
  /** `3 servers, one at a time` */
  readonly order: string;
  readonly servers: readonly PlannedRow[];
  /** What the servers that copy their sessions to others answer, one line each; empty where none was asked. */
  /** `1 m 20 s, by deploy d1 (…)` */
  readonly expected: string;
  readonly worst?: string;
  readonly suspended?: string;
}

/** Like `holdfast deploy VERSION --dry-run`. @throws CommandFailure */
export async function readDryRun(cloud: Cloud, input: unknown): Promise<DryRunView> {
  const { version, pauseAfter: after, onFailure: then } = parseInput(dryRunInput, input);
  const report = await askDryRun(cloud, {
    version: releaseVersion(version),
    ...(after !== undefined && { pauseAfter: after }),
    ...(then && { onFailure: then }),
  });
  const { refused, refusals, warnings, unchecked, people, sessions, servers, atATime, expected, worst, pause } = report;
  const suspended = suspendedWords(report);
  return {
    refused,
    refusals,
    warnings,
    unchecked,
    ...(people !== undefined && { people }),
    ...(sessions !== undefined && { sessions }),
    order: servers.length === 0 ? 'no server to roll' : `${counted(servers.length, 'server')}, ${orderWords(atATime, pause)}`,
    servers: servers.map((server) => ({
      instanceId: server.instanceId,
      zone: server.zone ?? 'unknown',
      version: server.version,
      outOfService: [startWords(server), togetherWords(server)].filter(Boolean).join(', '),
      drain: drainWords(server),
    })),
    expected: expectedWords(expected, pause),
    ...(worst && { worst: durationText(worst.seconds * 1000) }),
    ...(suspended !== undefined && { suspended }),
  };
}
