/** One process of the fake kernel: its descriptors, working directory, root and umask. Refuses closed descriptors and leaks. */
import { cwdFd, Fd, type FdTree } from '../kernel/fd.ts';
import { type Lookup, lookup } from './fake-lookup.ts';
import { fail, type Open, type Place, topOf } from './fake-world.ts';

export class FakeProcess {
  readonly descriptors = new Map<number, Open>();
  rootPlace: Place;
  cwd: Place;
  umask = 0o22;
  /** Called before a write reaches a file: cgroup.kill and its kind have effects. */
  onWrite: (place: Place, text: string) => void = () => {};
  private next = 3;

  constructor(root: Place, cwd: Place) {
    this.rootPlace = root;
    this.cwd = cwd;
    for (const number of [0, 1, 2]) this.descriptors.set(number, { kind: 'object', what: 'stdio' });
  }

  newFd<Tree extends FdTree>(open: Open, path: string): Fd<Tree> {
    const number = this.next;
    this.next += 1;
    this.descriptors.set(number, open);
    return new Fd<Tree>(number, path);
  }

  install(number: number, open: Open): void {
    this.descriptors.set(number, open);
  }

  close(fd: Fd): void {
    if (!this.descriptors.delete(fd.release())) fail('close', 'EBADF', fd.path);
  }

  closeRange(first: number, last: number, flags: number): void {
    if (flags !== 0) return;
    for (const number of [...this.descriptors.keys()])
      if (number >= first && number <= last) this.descriptors.delete(number);
  }

  openOf(fd: Fd, syscall: string): Open {
    return this.descriptors.get(fd.number) ?? fail(syscall, 'EBADF', fd.path);
  }

  fileOf(fd: Fd, syscall: string): Open & { kind: 'file' } {
    const open = this.openOf(fd, syscall);
    return open.kind === 'file' ? open : fail(syscall, 'EINVAL', fd.path);
  }

  /** Where a descriptor points: a file, or the root of a mount that is not attached yet. */
  placeOf(fd: Fd, syscall: string): Place {
    if (fd === cwdFd) return this.cwd;
    const open = this.openOf(fd, syscall);
    if (open.kind === 'file') return open.place;
    if (open.kind === 'mount') return { node: open.mount.root, mount: open.mount, parent: undefined, name: '' };
    return fail(syscall, 'EBADF', fd.path);
  }

  lookup(syscall: string, dirfd: Fd, path: string, resolve: number, followLast: boolean): Lookup {
    const own = /^\/proc\/self\/fd\/(\d+)(?:\/(.*))?$/.exec(path);
    if (own !== null) return this.magicLink(syscall, Number(own[1]), own[2], resolve, followLast);
    return lookup(this.placeOf(dirfd, syscall), path, { root: this.rootPlace, resolve, followLast, syscall });
  }

  private magicLink(
    syscall: string,
    number: number,
    rest: string | undefined,
    resolve: number,
    followLast: boolean,
  ): Lookup {
    const open = this.descriptors.get(number);
    if (open?.kind !== 'file') return fail(syscall, 'ENOENT', `/proc/self/fd/${number}`);
    if (rest === undefined) return { directory: open.place, name: '.', place: open.place };
    return lookup(open.place, rest, { root: this.rootPlace, resolve, followLast, syscall });
  }

  pathOf(place: Place): string {
    const names: string[] = [];
    for (let at: Place | undefined = place; at !== undefined; at = at.parent)
      if (at.name !== '') names.unshift(at.name);
    return `/${names.join('/')}`;
  }

  /** A copy for the child of clone3: same descriptors by number, own table. */
  chrootTo(place: Place): void {
    this.rootPlace = topOf(place);
    this.cwd = this.rootPlace;
  }
}
