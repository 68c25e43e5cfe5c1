import fs from 'node:fs';
import { toFileError } from '../file-errors.ts';

/** Sections of an INI file, by name; keys are in lower case. */
export type IniFile = ReadonlyMap<string, Readonly<Record<string, string>>>;

/**
 * Reads an INI file as Python's configparser does: `[section]`, `key = value` or `key: value`, comments after `#` or `;`
 * at the start of a line. Empty where there is no such file.
 *
 * @throws {AutologError} when the file is there and cannot be read.
 */
export function readIniFile(file: string): IniFile {
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw toFileError(`read '${file}'`, error, 'read');
  }
  return parseIni(text);
}

function parseIni(text: string): IniFile {
  const sections = new Map<string, Record<string, string>>();
  let section: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const name = /^\s*\[([^\]]+)\]\s*$/.exec(line)?.[1];
    if (name !== undefined) {
      section = sections.get(name) ?? {};
      sections.set(name, section);
      continue;
    }
    const [, key, value] = /^\s*([^#;=:\s][^=:]*?)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) section[key.toLowerCase()] = value;
  }
  return sections;
}
