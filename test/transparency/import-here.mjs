/** Imports as a program in this folder does. */
export function importHere(specifier) {
  return import(specifier);
}
