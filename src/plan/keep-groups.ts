/** crun's annotation about groups. `features` lists it as one that an engine should not take from an image. [man crun.1] */

type Annotations = { readonly [key: string]: string } | undefined;

/** setgroups(2) is left out: the process keeps the groups of whoever started runt (shared directories without root). */
export const keepGroupsAnnotation = 'run.oci.keep_original_groups';
export function keepsGroups(annotations: Annotations): boolean {
  return annotations?.[keepGroupsAnnotation] !== undefined;
}
