import type { RuntimeError } from '../base/runtime-error.ts';
import type { CredentialsInput } from './plan-credentials.ts';

/** `T<index>:<errno>` as the exec tail writes it -> the error; undefined if the text is not of that form. */
export declare function parseTailReport(text: string, input: CredentialsInput): RuntimeError | undefined;
