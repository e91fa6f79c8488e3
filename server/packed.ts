/** Scripts as servers get them: EC2 limits user data to 16 KB, and Systems Manager a document to 64 KB. */
import { gzipSync, strToU8 } from 'fflate';

/** Stands above each packed script. */
export const HOW_TO_READ = '# Packed, because AWS limits its size. To read it: base64 -d | gzip -d';

/**
 * A script in gzip and base64, the same text on every machine and by every version of Node.js, whose own zlib packs by the processor: user
 * data that differs makes servers outdated.
 */
export const packed = (script: string): string => Buffer.from(gzipSync(strToU8(script), { level: 9, mtime: 0 })).toString('base64');
