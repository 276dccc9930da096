/** A Kernel of a few methods, for tests of one act: any other call is an error of the test. Records what was called, in order. */
import type { Kernel } from '../kernel/kernel.ts';

export interface StubKernel {
  readonly kernel: Kernel;
  /** [name, ...arguments] of each call. */
  readonly calls: unknown[][];
}

export function stubKernel(methods: Partial<Kernel>): StubKernel {
  const calls: unknown[][] = [];
  const kernel = new Proxy(methods, {
    get(target, name) {
      const method = target[name as keyof Kernel];
      if (typeof method !== 'function') throw new Error(`the test's kernel has no ${String(name)}`);
      return (...given: unknown[]) => {
        calls.push([name, ...given]);
        return (method as (...given: unknown[]) => unknown)(...given);
      };
    },
  });
  return { kernel: kernel as Kernel, calls };
}
