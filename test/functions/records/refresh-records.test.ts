import { memoryRefreshRecords } from '../fakes/memory-refresh-records.ts';
import { describeRefreshRecords } from './refresh-records-conformance.ts';

describeRefreshRecords('memory', memoryRefreshRecords);
