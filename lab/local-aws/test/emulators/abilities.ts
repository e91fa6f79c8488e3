/** What services of AWS can do, each shown by a few calls through the SDK: on the local cloud with either emulator, and on LocalStack alone. */

import type { Ability } from './abilities/ability.ts';
import { ACCESS } from './abilities/access.ts';
import { FUNCTIONS_AND_MACHINES } from './abilities/functions-and-machines.ts';
import { MESSAGES } from './abilities/messages.ts';
import { SERVERS } from './abilities/servers.ts';
import { STACKS_AND_METRICS } from './abilities/stacks-and-metrics.ts';
import { STORES } from './abilities/stores.ts';
import { TABLES_AND_OBJECTS } from './abilities/tables-and-objects.ts';

export const ABILITIES: readonly Ability[] = [
  ...TABLES_AND_OBJECTS,
  ...MESSAGES,
  ...ACCESS,
  ...FUNCTIONS_AND_MACHINES,
  ...STACKS_AND_METRICS,
  ...STORES,
  ...SERVERS,
];
