/** CriuRequest -> the bytes of criu_req, by a table of criu_opts' field numbers. Pure. [criu.org/RPC] */
import { type CriuFeatures, type CriuOptions, type CriuRequest, requestTypes } from './criu-messages.ts';
import { type Field, type FieldValue, formatMessage } from './format-protobuf.ts';

type Encode<Value> = (value: Value) => readonly FieldValue[];

const plain: Encode<number | boolean | string> = (value) => [value];
const pair = (first: FieldValue, second: FieldValue): Uint8Array =>
  formatMessage([
    { number: 1, value: first },
    { number: 2, value: second },
  ]);

/** Field number in criu_opts, and how its value becomes one field or several. */
const optionFields: {
  readonly [name in keyof CriuOptions]-?: readonly [number, Encode<NonNullable<CriuOptions[name]>>];
} = {
  imagesDirFd: [1, plain],
  pid: [2, plain],
  leaveRunning: [3, plain],
  extUnixSk: [4, plain],
  tcpEstablished: [5, plain],
  evasiveDevices: [6, plain],
  shellJob: [7, plain],
  fileLocks: [8, plain],
  logLevel: [9, plain],
  logFile: [10, plain],
  pageServer: [11, ({ address, port }) => [pair(address, port)]],
  notifyScripts: [12, plain],
  root: [13, plain],
  parentImage: [14, plain],
  trackMemory: [15, plain],
  autoDedup: [16, plain],
  workDirFd: [17, plain],
  linkRemap: [18, plain],
  externalMounts: [23, (mounts) => mounts.map(({ key, value }) => pair(key, value))],
  manageCgroups: [24, plain],
  cgroupRoots: [25, (roots) => roots.map(({ controller, path }) => pair(controller, path))],
  restoreSibling: [26, plain],
  inheritFds: [27, (fds) => fds.map(({ key, fd }) => pair(key, fd))],
  manageCgroupsMode: [34, plain],
  external: [37, (keys) => keys],
  emptyNamespaces: [38, plain],
  joinNamespaces: [39, (joins) => joins.map(({ namespace, file }) => pair(namespace, file))],
  freezeCgroup: [44, plain],
  tcpSkipInFlight: [46, plain],
  lazyPages: [48, plain],
  orphanPtsMaster: [50, plain],
  configFile: [51, plain],
  tcpClose: [52, plain],
  lsmProfile: [53, plain],
  lsmMountContext: [63, plain],
  networkLock: [64, plain],
};

export function formatCriuRequest({ type, options, notifySuccess, features }: CriuRequest): Uint8Array {
  const fields: Field[] = [{ number: 1, value: requestTypes[type] }];
  if (options !== undefined) fields.push({ number: 2, value: formatOptions(options) });
  if (notifySuccess !== undefined) fields.push({ number: 3, value: notifySuccess });
  if (features !== undefined) fields.push({ number: 5, value: formatFeatures(features) });
  return formatMessage(fields);
}

function formatOptions(options: CriuOptions): Uint8Array {
  const fields: Field[] = [];
  for (const name of Object.keys(optionFields) as (keyof CriuOptions)[]) {
    const value = options[name];
    if (value === undefined) continue;
    const [number, encode] = optionFields[name] as readonly [number, Encode<unknown>];
    for (const each of encode(value)) fields.push({ number, value: each });
  }
  return formatMessage(fields);
}

function formatFeatures({ memoryTracking, lazyPages }: CriuFeatures): Uint8Array {
  const fields: Field[] = [];
  if (memoryTracking !== undefined) fields.push({ number: 1, value: memoryTracking });
  if (lazyPages !== undefined) fields.push({ number: 2, value: lazyPages });
  return formatMessage(fields);
}
