/** One sysctl of the configuration and the file it stands for. Types only. [man proc_sys.5] */
export interface SysctlSetting {
  /** As written in the configuration. */
  readonly name: string;
  /** Below /proc/sys: "net/ipv4/ip_forward". */
  readonly file: string;
  readonly value: string;
}
