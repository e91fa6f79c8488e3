import { Transform } from 'node:stream';
import type { PayloadCheck } from '../iam/payload-check.ts';

/** Passes a body on as it comes, except for its last part, which has to wait for the check: the receiver never has a wrong body whole. */
export function checkedBody(check: PayloadCheck): Transform {
  let last: Buffer | undefined;
  return new Transform({
    transform(part: Buffer, _encoding, done) {
      try {
        check.update(part);
        const before = last;
        last = part;
        done(null, before);
      } catch (error) {
        done(error as Error);
      }
    },
    flush(done) {
      try {
        check.end();
        done(null, last);
      } catch (error) {
        done(error as Error);
      }
    },
  });
}
