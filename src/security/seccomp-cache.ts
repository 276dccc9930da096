/**
 * How a compiled filter lies in the cache: 64 hexadecimal digits of the program's SHA-256, then the program. The digest makes a
 * torn or damaged file known, which is then compiled anew. Types and constants only; root owns the directory, and who can write
 * there owns the machine already.
 */

/** Below the runtime's root; its name begins with a dot, which no container id does. */
export const cacheDirectories = ['.cache', 'seccomp'] as const;
export const DIGEST_BYTES = 64;
export const FILE_MODE = 0o600;
export const DIRECTORY_MODE = 0o700;
