import { memoryRecords } from '../fakes/memory-records.ts';
import { describePauses } from './pause-conformance.ts';
import { describeRecords } from './records-conformance.ts';

describeRecords('memory', memoryRecords);
describePauses('memory', memoryRecords);
