/** Models a fleet's own document (server/documents/deploy-documents.ts): user data, run on a server that existed before Holdfast. */
import { printed, type Script } from './script.ts';

export const prepare: Script = async ({ machine, process }) => {
  await process.sleep(machine.random.whole(500, 15_000));
  machine.disk.prepared = true;
  return printed({ result: 'prepared' });
};
