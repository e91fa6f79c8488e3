/** What a body has to pass while it streams by. */
import { createHash } from 'node:crypto';
import { AwsError } from '../service/service.ts';

export interface PayloadCheck {
  /** True when the signature itself is known only at the end: until then the request is nobody's. */
  readonly needsWhole: boolean;
  /** @throws AwsError when this part shows a wrong signature */
  update(part: Buffer): void;
  /** @throws AwsError when the body was not what was signed */
  end(): void;
}

/** A payload that was declared to be unsigned, or whose signature is the emulator's business. */
export const UNCHECKED: PayloadCheck = { needsWhole: false, update: () => {}, end: () => {} };

/** @param signed hash in hex */
export function checkHash(signed: string): PayloadCheck {
  const hash = createHash('sha256');
  return {
    needsWhole: false,
    update: (part) => void hash.update(part),
    end: () => {
      if (hash.digest('hex') !== signed) {
        throw new AwsError('XAmzContentSHA256Mismatch', "The provided 'x-amz-content-sha256' header does not match what was computed.");
      }
    },
  };
}

/** @param verify throws when the signature is not one of a body with this hash */
export function checkLater(verify: (hash: string) => void): PayloadCheck {
  const hash = createHash('sha256');
  return { needsWhole: true, update: (part) => void hash.update(part), end: () => verify(hash.digest('hex')) };
}
