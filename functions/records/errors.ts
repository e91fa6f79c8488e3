import { HoldfastError } from '../shared/errors.ts';

/** Another deploy took the lock, or the lock was released: this deploy must not change anything any more. */
export class LeaseLost extends HoldfastError {
  override readonly name = 'LeaseLost';
}
