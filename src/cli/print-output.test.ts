import { expect, it } from 'vitest';
import { formatHookState } from '../hooks/format-hook-state.ts';
import type { ContainerState } from '../lifecycle/show-state.ts';
import { validateState } from '../spec/generated/validate.js';
import {
  formatFeatures,
  formatFindings,
  formatListIds,
  formatListJson,
  formatListTable,
  formatState,
} from './print-output.ts';

const web: ContainerState = {
  ociVersion: '1.3.0',
  id: 'web',
  pid: 4242,
  status: 'running',
  bundle: '/srv/bundles/web',
  rootfs: '/srv/bundles/web/rootfs',
  created: '2026-11-24T19:34:25.000000001Z',
  annotations: undefined,
  owner: '',
};
const long: ContainerState = { ...web, id: 'a-container-with-a-long-name', pid: 0, status: 'stopped', owner: 'root' };

it('state: two spaces, order of runc, no newline at the end', () => {
  expect(formatState({ ...web, annotations: { a: '1' } })).toBe(`{
  "ociVersion": "1.3.0",
  "id": "web",
  "pid": 4242,
  "status": "running",
  "bundle": "/srv/bundles/web",
  "rootfs": "/srv/bundles/web/rootfs",
  "created": "2026-11-24T19:34:25.000000001Z",
  "annotations": {
    "a": "1"
  },
  "owner": ""
}`);
});

it.each([
  formatState(web),
  formatState(long),
  formatState({ ...web, annotations: { a: '1' } }),
  formatHookState({ ...web, status: 'created' }),
  formatHookState({ ...web, status: 'stopped', pid: undefined }),
])('%s is a state of the specification', (text) => {
  const state = JSON.parse(text) as { readonly status: string; readonly pid?: number };
  expect(validateState(state), JSON.stringify(validateState.errors)).toBe(true);
  if (state.status !== 'stopped') expect(state.pid).toBeGreaterThan(0);
});

it('state without annotations has no such member', () => expect(formatState(web)).not.toContain('annotations'));

it('list: aligned as by tabwriter', () => {
  expect(formatListTable([{ ...web, owner: 'root' }, long])).toBe(
    [
      'ID                             PID         STATUS      BUNDLE             CREATED                          OWNER',
      'web                            4242        running     /srv/bundles/web   2026-11-24T19:34:25.000000001Z   root',
      'a-container-with-a-long-name   0           stopped     /srv/bundles/web   2026-11-24T19:34:25.000000001Z   root',
      '',
    ].join('\n'),
  );
  expect(formatListTable([])).toBe('ID          PID         STATUS      BUNDLE      CREATED     OWNER\n');
});

it('list as JSON: null when empty, else one line', () => {
  expect(formatListJson([])).toBe('null\n');
  const [first] = JSON.parse(formatListJson([long])) as unknown[];
  expect(first).toEqual({ ...JSON.parse(formatState(long)) });
  expect(formatListJson([web, long]).split('\n')).toHaveLength(2);
});

it('list of ids', () => expect(formatListIds([web, long])).toBe('web\na-container-with-a-long-name\n'));

it('features: four spaces and a newline', () =>
  expect(formatFeatures({ a: { b: 1n } })).toBe('{\n    "a": {\n        "b": 1\n    }\n}\n'));

it('findings', () => {
  const findings = [
    { feature: 'x', required: true, problem: undefined },
    { feature: 'y', required: true, problem: 'gone' },
    { feature: 'z', required: false, problem: 'small' },
  ];
  expect(formatFindings(findings)).toBe('ok       x\nMISSING  y: gone\nlimited  z: small\n');
});
