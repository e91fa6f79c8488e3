import { METHODS } from '../../functions/collect/methods.ts';
import { STORE_PART } from '../../functions/shared/naming.ts';
import type { CloudOptions } from '../cloud.ts';
import { CommandFailure } from '../failure.ts';
import { connectToRead } from '../installation/connect-to-installation.ts';
import { openStores } from '../open-stores.ts';
import type { Output } from '../output.ts';
import { agedUnreachable, renderReading, unreachableWords, withAge } from './render-reading.ts';

/** Shows the collector's latest reading. @throws CommandFailure NoReading, StoreUnreachable */
export async function store(options: CloudOptions, output: Output): Promise<void> {
  const cloud = openStores(await connectToRead(options, STORE_PART), 'store');
  output.at(cloud);
  const [record, seen] = await Promise.all([cloud.store.getStore(), cloud.store.getUnreachable()]);
  if (record === undefined && seen) {
    throw new CommandFailure(
      'StoreUnreachable',
      `The collector of ${cloud.installation} has not read the session store yet: it is unreachable ${unreachableWords(agedUnreachable(seen, Date.now()))}.`,
    );
  }
  if (record === undefined) {
    throw new CommandFailure(
      'NoReading',
      `The collector of ${cloud.installation} has not read the session store yet. It runs once a minute after "npx --no cdk deploy --all". If this error persists, see docs/runbook/at-night.md#collector-silent.`,
    );
  }
  const value = withAge(record.reading, seen, Date.now());
  output.result({ ...value, methods: METHODS }, () => renderReading(value));
}
