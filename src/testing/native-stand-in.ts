/** In Node there is no native module: code under test receives a fake Kernel, so only the architecture is needed here. */
export const architecture = 'x86_64';
