import { memoryRecords } from '../fakes/memory-records.ts';
import { describeRecords } from './records-conformance.ts';

describeRecords('memory', memoryRecords);
