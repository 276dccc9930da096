/**
 * Turns the native functions' results (negative errno) into values or RuntimeErrors that carry the system call, its path and
 * the errno's name. The fast path is one comparison: nothing is allocated for a call that succeeds.
 */
import * as native from 'native:kernel';
import { RuntimeError } from '../base/runtime-error.ts';
import { Fd, type FdTree } from './fd.ts';

/** The error of a failed call; path names what it was about. */
export function kernelError(syscall: string, result: number, path?: string): RuntimeError {
  const errno = native.errnoName(-result);
  return new RuntimeError(
    path === undefined ? { kind: 'kernel', syscall, errno } : { kind: 'kernel', syscall, errno, path },
  );
}

/** A path relative to a descriptor, as an operator can read it. */
export function joinPath(fd: Fd, path: string): string {
  if (path === '') return fd.path;
  if (path.startsWith('/') || fd.path === '.') return path;
  return fd.path.endsWith('/') ? fd.path + path : `${fd.path}/${path}`;
}

export function check(syscall: string, result: number, path?: string): number {
  if (result < 0) throw kernelError(syscall, result, path);
  return result;
}

export function checkAt(syscall: string, result: number, fd: Fd, path: string): number {
  if (result < 0) throw kernelError(syscall, result, joinPath(fd, path));
  return result;
}

/** Data or a negative errno: returns the data. */
export function checkData<T extends object | string>(syscall: string, result: T | number, path?: string): T {
  if (typeof result === 'number') throw kernelError(syscall, result, path);
  return result;
}

export function newFd<Tree extends FdTree>(syscall: string, result: number, path: string): Fd<Tree> {
  if (result < 0) throw kernelError(syscall, result, path);
  return new Fd<Tree>(result, path);
}

/** undefined for success, else the errno's name. */
export function errnoOrUndefined(result: number): undefined | string {
  return result < 0 ? native.errnoName(-result) : undefined;
}
