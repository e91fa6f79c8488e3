/** What `holdfast releases publish` sends to the fleet's publish function, and what the function answers. */

import type { ReleaseRecord } from '../../records/types.ts';
import { appContract } from '../../shared/app-contract.ts';
import * as z from '../../shared/schema.ts';
import { statedName } from '../../shared/stated-request.ts';
import { VERSION_PATTERN } from '../../shared/version.ts';

/** A server unpacks 1 GiB at most; the headers of 100,000 files take no more. CopyObject copies up to 5 GB. */
const MAX_ARCHIVE_BYTES = 2 * 1024 ** 3;

const archive = {
  /** The archive's checksum, in lower-case hex. */
  sha256: z.matching(/^[0-9a-f]{64}$/),
  sizeBytes: z.whole(1, MAX_ARCHIVE_BYTES),
};

/** What the publisher states. */
export const publishStatement = z.strictObject({
  version: z.matching(new RegExp(VERSION_PATTERN)),
  ...archive,
  /** From the archive's own holdfast.app.json, for the record. */
  app: appContract,
  /** The archive of its assets, if the contract names any. */
  assets: z.optional(z.strictObject(archive)),
  publishedBy: statedName,
});
export type PublishStatement = z.infer<typeof publishStatement>;

/** `uploadFirst`: the version is free, and its archive is not in `_incoming/`. `refused`: `error` is its name, `message` sentences. */
export type PublishReply =
  | {
      readonly result: 'published' | 'alreadyPublished';
      readonly release: ReleaseRecord;
      /** Variables that the release requires and the fleet does not have; absent without any. */
      readonly missing?: readonly string[];
    }
  | { readonly result: 'uploadFirst' }
  | { readonly result: 'refused'; readonly error: RefusalName; readonly message: string };

export const REFUSALS = ['InvalidRequest', 'ReleaseExists', 'ArchiveMismatch', 'PublishRunning', 'PublishFailed'] as const;
export type RefusalName = (typeof REFUSALS)[number];
