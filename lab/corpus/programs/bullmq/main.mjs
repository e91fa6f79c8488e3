import { setTimeout as sleep } from 'node:timers/promises';
import { Queue, Worker } from 'bullmq';

const connection = { host: '127.0.0.1', port: Number(process.env.CORPUS_PORT), maxRetriesPerRequest: null };
const queue = new Queue('mail', { connection });
const ids = ['3f1c8a52-7d4e-4b6a-9c21-0e5f7a8b9c01', '3f1c8a52-7d4e-4b6a-9c21-0e5f7a8b9c02', '3f1c8a52-7d4e-4b6a-9c21-0e5f7a8b9c03'];
await queue.add('send', { to: 'ann@example.com' }, { jobId: ids[0] });
const worker = new Worker('mail', async () => 'sent', { connection });
for (let poll = 0; (await queue.getCompletedCount()) < 1 && poll < 100; poll += 1) await sleep(50);
await worker.close();
await queue.add('send', { to: 'ben@example.com' }, { jobId: ids[1] });
await queue.add('send', { to: 'tim@example.com' }, { jobId: ids[2], delay: 3_600_000 });
await queue.add('send', { to: 'eve@example.com' });
await queue.close();
process.exit(0);
