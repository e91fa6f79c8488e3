import { once } from 'node:events';
import Queue from 'bee-queue';

const queue = new Queue('mail', { redis: { host: '127.0.0.1', port: Number(process.env.CORPUS_PORT) } });
await queue.createJob({ to: 'ann@example.com' }).save();
queue.process(async () => 'sent');
await once(queue, 'succeeded');
await queue
  .createJob({ to: 'ben@example.com' })
  .delayUntil(Date.now() + 3_600_000)
  .save();
process.exit(0);
