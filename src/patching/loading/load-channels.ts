import { tracingChannel } from 'node:diagnostics_channel';
import { createRequire, isBuiltin } from 'node:module';
import path from 'node:path';
import { inMicrotask as queueTask } from '../../clock.ts';
import { reportFailure } from '../../failures.ts';
import { packageNameOf } from './entry-files.ts';
import { announceCached, findLoadedCommonJs, findNewEsModules } from './find-loaded.ts';
import { pauseImportHook, resumeImportHook } from './import-hook.ts';
import type { LoadedBy } from './loaded-module.ts';
import { installedFolder } from './manifest.ts';
import { sharedState, watchedSpecifiers } from './shared-state.ts';
import { reasonOfMissedCalls } from './tier.ts';
import { isInWatchedPackage, isWatchedName, watchedFilesAround, watchedFilesInSight } from './watched-files.ts';

const require = createRequire(import.meta.url);

/** Source: https://nodejs.org/api/diagnostics_channel.html#modules, read at Node 24; `result` as seen in 22 to 26. */
interface RequireMessage {
  readonly id: string;
  readonly parentFilename?: string;
  readonly result?: unknown;
  readonly error?: unknown;
}

interface ImportMessage {
  /** The specifier as the program wrote it; a URL object may stand there, as for the main script. */
  readonly url: string | URL;
}

/**
 * Follows every `require` of the process, and every CommonJS file that an ES module imports, which Node tells of here
 * under its path; returns its undo.
 */
export function followRequires(): () => void {
  const visited = new Set<string>();
  const rescan = inMicrotask(() => findLoadedCommonJs());
  let depth = 0;

  function onStart(): void {
    depth += 1;
    if (depth === 1) pauseImportHook();
  }

  function onEnd(message: RequireMessage): void {
    // It may have begun before this was listening.
    depth = Math.max(0, depth - 1);
    if (depth === 0) resumeImportHook();
    const { id, parentFilename = '' } = message;
    if (message.error !== undefined) return;
    const site = `${parentFilename}\n${id}`;
    const isNew = !visited.has(site);
    const isWatched = concernsWatched(message);
    if (path.isAbsolute(id)) announceCached(id, 'module.require');
    else if (isWatched) announceRequired(message);
    if (!isNew || isBuiltin(id) || !canLeadToWatched(parentFilename, isWatched)) return;
    visited.add(site);
    rescan();
    if (lacksImportHook() && isNamespace(message.result)) findNew('module.require', id);
  }
  return subscribe('module.require', { start: onStart, end: onEnd });
}

/** Only the watched files of a package are looked for: to resolve every path once more would take as long as Node. */
function announceRequired({ id, parentFilename = '', result }: RequireMessage): void {
  if (id.startsWith('.')) {
    announceFiles(watchedFilesAround(parentFilename), result);
  } else if (!announceFiles(watchedFilesInSight(packageNameOf(id)), result) && mayBeOutOfSight(id)) {
    announceCached(createRequire(parentFilename || import.meta.url).resolve(id), 'module.require');
  }
}

/** Returns whether one of the files is what was required. */
function announceFiles(files: readonly string[], exports: unknown): boolean {
  const found = files.find((file) => {
    const cached = require.cache[file];
    return cached !== undefined && cached.exports === exports;
  });
  return found !== undefined && announceCached(found, 'module.require');
}

/** Of packages that are in sight, other paths than the watched ones lead to other files. */
function mayBeOutOfSight(id: string): boolean {
  const name = packageNameOf(id);
  return watchedSpecifiers().includes(id) || watchedFilesInSight(name).length === 0;
}

/** Looks again after each dynamic import, where the import hook cannot stand or cannot see; returns its undo. */
export function followImports(): () => void {
  function onImported(message: ImportMessage): void {
    const url = String(message.url);
    const isUnseen = watchedSpecifiers().includes(url) && !hasSeen(url);
    if (isUnseen || lacksImportHook()) {
      findLoadedCommonJs(reasonOfMissedCalls());
      findNew('module.import', url);
    }
  }
  return subscribe('module.import', { start: resumeImportHook, asyncEnd: onImported });
}

/** Of a module that was asked for by its own name, no importer can have made a call yet. */
function findNew(how: LoadedBy, askedFor: string): void {
  const isDirect = isWatchedName(packageNameOf(askedFor));
  findNewEsModules(watchedSpecifiers(), how, isDirect ? undefined : reasonOfMissedCalls());
}

function concernsWatched({ id, parentFilename }: RequireMessage): boolean {
  if (path.isAbsolute(id)) return isInWatchedPackage(id);
  if (id.startsWith('.')) return parentFilename !== undefined && isInWatchedPackage(parentFilename);
  return isWatchedName(packageNameOf(id));
}

/** Of packages that are not watched, only the program's own files can know a copy by a name that is not its own. */
function canLeadToWatched(parentFilename: string, isWatched: boolean): boolean {
  return isWatched || installedFolder(parentFilename) === null;
}

/** Asked without a look inside: Node warns of properties that are read from exports of a circular require. */
function isNamespace(value: unknown): boolean {
  // Importing it would take 4 ms.
  return process.getBuiltinModule('node:util/types').isModuleNamespaceObject(value);
}

function lacksImportHook(): boolean {
  const { installed, isImportHookBlind } = sharedState();
  return isImportHookBlind || !installed.has('import-in-the-middle');
}

function hasSeen(specifier: string): boolean {
  return [...sharedState().seen.values()].some((copy) => copy.specifier === specifier);
}

/** A subscriber that throws would end the program as an uncaught exception. */
function subscribe<Message>(
  channel: string,
  listeners: Partial<Record<'start' | 'end' | 'asyncEnd', (message: Message) => void>>,
): () => void {
  const undo = Object.entries(listeners).map(([event, listen]) => {
    const subscriber = (message: unknown): void => {
      try {
        listen(message as Message);
      } catch (error) {
        reportFailure(`module channel ${channel}`, error);
      }
    };
    const target = tracingChannel(channel)[event as keyof typeof listeners];
    target.subscribe(subscriber);
    return () => target.unsubscribe(subscriber);
  });
  return () => {
    for (const unsubscribe of undo) unsubscribe();
  };
}

/** Runs the task once at the end of the present turn, however often it is asked for. */
function inMicrotask(task: () => void): () => void {
  let isScheduled = false;
  return () => {
    if (isScheduled) return;
    isScheduled = true;
    queueTask(() => {
      isScheduled = false;
      try {
        task();
      } catch (error) {
        reportFailure('search for loaded modules', error);
      }
    });
  };
}
