/** "uid[:gid]" of exec --user. gid undefined: keep the config's. Throws kind 'usage'. */
export interface UserOption {
  readonly uid: number;
  readonly gid: number | undefined;
}
export declare function parseUserOption(text: string): UserOption;
