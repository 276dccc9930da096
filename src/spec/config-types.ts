/**
 * The types of config.json, process.json, state and features, generated from schemas/ by scripts/compile-schemas.mjs.
 * This file is the import path that stays; nothing is declared here. Values of these types have passed check-config.ts.
 */
export type * from './generated/config-types.ts';
