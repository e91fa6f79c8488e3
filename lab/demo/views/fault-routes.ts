/** The requests of faults for rehearsals of incidents: what the page shows of them, and its buttons. */
import { z } from 'zod';
import { parseInput } from '../../../console/parse-input.ts';
import type { Route } from '../../../console/routes.ts';

export interface FaultView {
  readonly name: string;
  /** What it does. */
  readonly sentence: string;
  readonly runbook: string;
  /** What its runbook has to find; null for one that must find nothing. */
  readonly cause: string | null;
  readonly set: boolean;
  /** The application is started again on servers: refused while a deploy or a restart works on them. */
  readonly restartsServers: boolean;
}

export interface Faults {
  list(): Promise<readonly FaultView[]>;
  /** @throws CommandFailure with a sentence; nothing was changed */
  inject(name: string): Promise<void>;
  /** What could not be put back, in sentences. */
  clear(): Promise<{ readonly cleared: readonly string[]; readonly left: readonly string[] }>;
}

const noInput = z.strictObject({});

/** Like `holdfast fault list`, `inject NAME` and `clear`. */
export function faultRoutes(connect: () => Promise<Faults>): readonly Route[] {
  const list = async (faults: Faults) => ({ faults: await faults.list() });
  return [
    { method: 'GET', path: 'faults', answer: async () => list(await connect()) },
    {
      method: 'POST',
      path: 'faults/clear',
      answer: async ({ body }) => {
        parseInput(noInput, body);
        const faults = await connect();
        const { left } = await faults.clear();
        return { ...(await list(faults)), left };
      },
    },
    {
      method: 'POST',
      path: 'faults/:',
      answer: async ({ names: [name = ''], body }) => {
        parseInput(noInput, body);
        const faults = await connect();
        await faults.inject(name);
        return list(faults);
      },
    },
  ];
}
