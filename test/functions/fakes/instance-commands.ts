import { createInstanceCommands, type InstanceCommands } from '../../../functions/instance/instance-commands.ts';
import { recordingLog } from './fixtures.ts';

type Ports = Parameters<typeof createInstanceCommands>[0];

/** Physical names of the documents in tests. */
export const DOCUMENT_NAMES = { waitIdle: 'doc-wait-idle', install: 'doc-install', observe: 'doc-observe' } as const;

/** Commands on instances by the given Run Command; what a test does not care about has a default. */
export const instanceCommands = (given: Pick<Ports, 'runCommand' | 'now'> & Partial<Ports>): InstanceCommands =>
  createInstanceCommands({
    documents: DOCUMENT_NAMES,
    region: 'eu-west-1',
    releasesBucket: 'releases-bucket',
    log: recordingLog(),
    ...given,
  });
