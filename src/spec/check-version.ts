/**
 * ociVersion: SemVer 2.0.0 and a major version that runt knows. Pure, by hand instead of by regular expression: hot path.
 * [spec config.md#specification-version]
 */
import { addFault, addWarning, type Report, showValue } from './fault.ts';

/** The newest version whose properties runt knows. */
export const newestOciVersion = '1.3.0';
const newestMinor = 3;

export function checkVersion(version: string | undefined, report: Report): void {
  if (version === undefined || version === newestOciVersion) return;
  const parts = versionParts(version);
  if (parts === undefined) {
    addFault(
      report,
      '/ociVersion',
      `must be a version as in SemVer 2.0.0 (got ${showValue(version)})`,
      `write "${newestOciVersion}"`,
    );
  } else if (parts.major !== 1) {
    const what = `major version ${parts.major} is not supported (got ${showValue(version)})`;
    addFault(report, '/ociVersion', what, `write a version from "1.0.0" to "${newestOciVersion}"`);
  } else if (parts.minor > newestMinor) {
    addWarning(
      report,
      '/ociVersion',
      `${showValue(version)} is newer than ${newestOciVersion}: properties new in it are ignored`,
    );
  }
}

/** undefined if it is no SemVer. */
function versionParts(version: string): { readonly major: number; readonly minor: number } | undefined {
  const plus = version.indexOf('+');
  const build = plus === -1 ? undefined : version.slice(plus + 1);
  const withoutBuild = plus === -1 ? version : version.slice(0, plus);
  const dash = withoutBuild.indexOf('-');
  const preRelease = dash === -1 ? undefined : withoutBuild.slice(dash + 1);
  const numbers = (dash === -1 ? withoutBuild : withoutBuild.slice(0, dash)).split('.');
  if (numbers.length !== 3 || !numbers.every(isNumber)) return undefined;
  if (preRelease !== undefined && !preRelease.split('.').every((name) => isName(name) && !hasLeadingZero(name)))
    return undefined;
  if (build !== undefined && !build.split('.').every(isName)) return undefined;
  return { major: Number(numbers[0]), minor: Number(numbers[1]) };
}

function isNumber(text: string): boolean {
  return isDigits(text) && !hasLeadingZero(text);
}

function hasLeadingZero(text: string): boolean {
  return text.length > 1 && text.charCodeAt(0) === 48 && isDigits(text);
}

function isDigits(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 48 || code > 57) return false;
  }
  return text.length > 0;
}

function isName(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const isLetter = (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
    if (!isLetter && (code < 48 || code > 57) && code !== 45) return false;
  }
  return text.length > 0;
}
