/** The bytes of criu_resp -> CriuResponse. Pure. [criu.org/RPC] */
import type { CriuResponse, CriuVersion } from './criu-messages.ts';
import {
  malformed,
  type ParsedMessage,
  parseMessage,
  readBool,
  readInt32,
  readMessage,
  readText,
} from './parse-protobuf.ts';

export function parseCriuResponse(bytes: Uint8Array): CriuResponse {
  const message = parseMessage(bytes);
  const type = readInt32(message, 1);
  const success = readBool(message, 2);
  if (type === undefined || success === undefined) throw malformed('lacks its type or its success');
  const notify = readMessage(message, 5);
  const features = readMessage(message, 8);
  const version = readMessage(message, 10);
  return {
    type,
    success,
    errno: readInt32(message, 7) ?? 0,
    message: readText(message, 9),
    notification: notify && { script: readText(notify, 1) ?? '', pid: readInt32(notify, 2) ?? 0 },
    features: features && {
      memoryTracking: readBool(features, 1) ?? false,
      lazyPages: readBool(features, 2) ?? false,
    },
    version: version && parseVersion(version),
  };
}

function parseVersion(message: ParsedMessage): CriuVersion {
  const major = readInt32(message, 1);
  const minor = readInt32(message, 2);
  if (major === undefined || minor === undefined) throw malformed('has a version without numbers');
  const sublevel = readInt32(message, 4) ?? 0;
  return { major, minor, sublevel, isSnapshot: (readText(message, 3) ?? '') !== '' };
}
