import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { LocalService } from '#local-aws/service/service.ts';
import { type FakeCloud, startFakeCloud } from './fake-cloud.ts';
import { makeStateFolder } from './run-cli.ts';

export interface AnnouncedCloud {
  readonly cloud: FakeCloud;
  readonly state: ReturnType<typeof makeStateFolder>;
}

/**
 * Before each test of a file: its fake cloud, emptied, which a new state folder announces to the command line.
 * @param services more than the fake cloud's own
 */
export function withAnnouncedCloud(prepare: (announced: AnnouncedCloud) => void, services: readonly LocalService[] = []): void {
  let cloud: FakeCloud;
  let state: AnnouncedCloud['state'];
  beforeAll(async () => {
    cloud = await startFakeCloud(services);
  });
  afterAll(() => cloud.close());
  beforeEach(() => {
    state = makeStateFolder();
    cloud.announce(state.folder);
    cloud.items.clear();
    cloud.objects.clear();
    cloud.alarms.length = 0;
    cloud.started.length = 0;
    cloud.stopped.length = 0;
    prepare({ cloud, state });
  });
  afterEach(() => state.remove());
}
