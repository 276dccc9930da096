/** Why a container has no cgroup, for whoever asks for what only a cgroup can give. */

/** The record does not tell which of the two it was. */
export const whyNoCgroup =
  'it was made with --cgroup-manager=disabled, or by an ordinary user where no cgroup could be made';
