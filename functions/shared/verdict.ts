/**
 * What a step reports to the Choice after it. Each value means the same in every state machine; a step's contract names
 * those that it can report.
 *
 * - `DONE`: the step is complete; go to the next one.
 * - `WAIT`: not yet; check again after a pause.
 * - `REPEAT`: run the step again at once; it goes on from what it has recorded or carried.
 * - `SKIP`: there is nothing to do here.
 * - `ROLL`: a target was chosen; roll it.
 * - `AWAIT`: no further target can be begun until one of those at work has ended.
 * - `PAUSE`: an operator has to decide before a further target is begun.
 * - `REGISTER`: a target was chosen that keeps its release; register it.
 * - `FAILED`: something has failed, and nothing is at work any more.
 * - `OVERTAKEN`: another deploy holds the lock, or a later one has succeeded.
 */
export type Verdict = 'DONE' | 'WAIT' | 'REPEAT' | 'SKIP' | 'ROLL' | 'AWAIT' | 'PAUSE' | 'REGISTER' | 'FAILED' | 'OVERTAKEN';

/** The verdicts that one step can report. */
export type VerdictOf<Reported extends Verdict> = Reported;
