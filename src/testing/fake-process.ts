/** One process of the fake kernel: its descriptors, working directory, root and umask. Refuses closed descriptors and leaks. */
import { cwdFd, Fd, type FdTree } from '../kernel/fd.ts';
import { type Lookup, lookup } from './fake-lookup.ts';
import { makeNetworks } from './fake-netlink.ts';
import { fail, type Mount, type Node, type Open, type Place, topOf } from './fake-world.ts';

const rootOf = (mount: Mount): Place => ({ node: mount.root, mount, parent: undefined, name: '' });

function populate(cgroup: Node, processes: string): void {
  const text = (name: string, value: string) => Object.assign(cgroup.children.get(name) ?? {}, { text: value });
  text('cgroup.procs', processes);
  text('cgroup.events', `populated ${processes === '' ? 0 : 1}\nfrozen 0\n`);
}

export class FakeProcess {
  readonly descriptors = new Map<number, Open>();
  rootPlace: Place;
  cwd: Place;
  umask = 0o22;
  /** It is another process for a moment, with descriptors of its own: what it closes is open here. */
  isHelper = false;
  /** The network namespace it is in, by the text of its file; a netlink socket stays in that of its birth. */
  network = 'net:[1]';
  readonly networks = makeNetworks();
  /** Made by clone3. cgroup: its directory, for cgroup.procs. */
  readonly children = new Map<number, { life: 'running' | 'killed'; cgroup: Node | undefined }>();
  private readonly names = new Map<number, string>();
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
    this.names.set(number, path);
    return new Fd<Tree>(number, path);
  }

  listDescriptors(): string[] {
    return [...this.descriptors.keys()].filter((number) => number > 2).map((number) => this.names.get(number) ?? '?');
  }

  install(number: number, open: Open): void {
    this.descriptors.set(number, open);
  }

  close(fd: Fd): void {
    if (!this.descriptors.delete(fd.release())) fail('close', 'EBADF', fd.path);
  }

  closeRange(first: number, last: number, flags: number): void {
    if (flags !== 0 || this.isHelper) return;
    for (const number of [...this.descriptors.keys()])
      if (number >= first && number <= last) this.descriptors.delete(number);
  }

  /** Before a write reaches a file: cgroup.kill and cgroup.freeze have an effect. */
  onWrite(place: Place, text: string): void {
    const events = place.parent?.node.children.get('cgroup.events');
    if (place.name === 'cgroup.freeze' && events !== undefined)
      events.text = events.text.replace(/frozen \d/, `frozen ${text}`);
    if (place.name !== 'cgroup.kill' || text !== '1') return;
    for (const [pid, child] of this.children) if (child.cgroup === place.parent?.node) this.kill(pid);
  }

  born(pid: number, cgroup: Node | undefined): void {
    this.children.set(pid, { life: 'running', cgroup });
    if (cgroup !== undefined) populate(cgroup, `${pid}\n`);
  }

  /** It has ended, and nobody but its parent knew of it any more. */
  reap(pid: number): void {
    const cgroup = this.children.get(pid)?.cgroup;
    if (cgroup?.children.get('cgroup.procs')?.text === `${pid}\n`) populate(cgroup, '');
    this.children.delete(pid);
  }

  kill(pid: number): string | undefined {
    const child = this.children.get(pid);
    if (child === undefined) return undefined; // Somebody else's: it is in /proc.
    child.life = 'killed';
    if (child.cgroup !== undefined) populate(child.cgroup, '');
    return undefined;
  }

  openOf(fd: Fd, syscall: string): Open {
    return this.descriptors.get(fd.number) ?? fail(syscall, 'EBADF', fd.path);
  }

  fileOf(fd: Fd, syscall: string): Open & { kind: 'file' } {
    const open = this.openOf(fd, syscall);
    return open.kind === 'file' ? open : fail(syscall, 'EINVAL', fd.path);
  }

  /** Of a file, by descriptor number: which namespace it is, also where it is a link, as in /proc. */
  textOf(number: number): string {
    const open = this.descriptors.get(number);
    if (open?.kind !== 'file') return '';
    const { text, target } = open.place.node;
    return text === '' ? target : text;
  }

  /** Where a descriptor points: a file, or the root of a mount that is not attached yet. */
  placeOf(fd: Fd, syscall: string): Place {
    if (fd === cwdFd) return this.cwd;
    const open = this.openOf(fd, syscall);
    if (open.kind === 'file') return open.place;
    if (open.kind === 'mount') return rootOf(open.mount);
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
    if (open?.kind !== 'file' && open?.kind !== 'mount') return fail(syscall, 'ENOENT', `/proc/self/fd/${number}`);
    const place = open.kind === 'file' ? open.place : rootOf(open.mount);
    if (rest === undefined) return { directory: place, name: '.', place };
    return lookup(place, rest, { root: this.rootPlace, resolve, followLast, syscall });
  }

  /** Takes a mount off whatever it covers; false: it covers nothing. */
  detach(mount: Mount): boolean {
    const pending: Node[] = [this.rootPlace.node];
    const seen = new Set<Node>();
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      if (seen.has(node)) continue;
      seen.add(node);
      const at = node.covers.findIndex((cover) => cover.mount.id === mount.id);
      if (at >= 0) {
        node.covers.splice(at, 1);
        return true;
      }
      pending.push(...node.children.values(), ...node.covers.map((cover) => cover.mount.root));
    }
    return false;
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
