import { expect, it } from 'vitest';
import type { StateRecord } from '../state/state-record.ts';
import { soundRecord } from '../testing/state-records.ts';
import { checkStatus, type Status, type StatusFacts } from './check-status.ts';

const facts: StatusFacts = {
  bootId: soundRecord.bootId,
  init: { state: 'S', startTime: 12400 },
  gateExists: false,
  frozen: false,
};
const { init: _, ...withoutInit } = soundRecord;

const cases: readonly (readonly [string, Status, Partial<StateRecord>, Partial<StatusFacts>])[] = [
  ['alive', 'running', {}, {}],
  ['at the gate', 'created', {}, { gateExists: true }],
  ['at the gate, frozen', 'paused', {}, { gateExists: true, frozen: true }],
  ['frozen', 'paused', {}, { frozen: true }],
  ['gone', 'stopped', {}, { init: undefined }],
  ['gone, gate left behind', 'stopped', {}, { init: undefined, gateExists: true }],
  ['a zombie', 'stopped', {}, { init: { state: 'Z', startTime: 12400 } }],
  ['dead', 'stopped', {}, { init: { state: 'X', startTime: 12400 } }],
  ['in uninterruptible sleep', 'running', {}, { init: { state: 'D', startTime: 12400 } }],
  ['pid reused', 'stopped', {}, { init: { state: 'S', startTime: 12401 } }],
  ['another boot, pid and time the same', 'stopped', {}, { bootId: 'other' }],
  ['being created', 'creating', { phase: 'creating' }, {}],
  ['being created, of another boot', 'stopped', { phase: 'creating' }, { bootId: 'other' }],
  ['being deleted, still alive', 'running', { phase: 'deleting' }, {}],
  ['being deleted, gone', 'stopped', { phase: 'deleting' }, { init: undefined }],
];

it.each(cases)('%s: %s', (_name, expected, record, seen) => {
  expect(checkStatus({ ...soundRecord, ...record }, { ...facts, ...seen })).toBe(expected);
});

it('without a process: stopped', () => expect(checkStatus(withoutInit, facts)).toBe('stopped'));
