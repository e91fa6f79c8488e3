import { memoryRecords } from '../fakes/memory-records.ts';
import { describePauses } from './pause-conformance.ts';
import { describeRecords } from './records-conformance.ts';
import { describeTakeOvers } from './take-over-conformance.ts';

describeRecords('memory', memoryRecords);
describePauses('memory', memoryRecords);
describeTakeOvers('memory', memoryRecords);
