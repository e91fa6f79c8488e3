/** A client in a process of its own, which can be throttled: runs the work that the benchmark sends, one after the other. */
import { startCounting } from './count-commands.ts';
import { runWork } from './run-work.ts';
import type { Reply, StoreAddresses, Work } from './work.ts';

const stores = JSON.parse(process.argv[2] ?? '') as StoreAddresses;
startCounting();

process.on('disconnect', () => process.exit(0));
process.on('message', (message) => {
  runWork(message as Work, stores).then(
    (pass) => reply({ pass }),
    (error: Error) => reply({ error: error.stack ?? error.message }),
  );
});

function reply(one: Reply): void {
  process.send?.(one);
}
