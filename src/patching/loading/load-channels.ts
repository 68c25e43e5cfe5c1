import { tracingChannel } from 'node:diagnostics_channel';
import { createRequire, isBuiltin } from 'node:module';
import path from 'node:path';
import { reportFailure } from '../../failures.ts';
import { isInWatchedPackage, isWatchedName } from './announce.ts';
import { packageNameOf } from './entry-files.ts';
import { announceCached, findLoadedCommonJs, findNewEsModules } from './find-loaded.ts';
import type { LoadedBy } from './loaded-module.ts';
import { installedFolder } from './manifest.ts';
import { ensureRequireHook } from './require-hook.ts';
import { sharedState, watchedSpecifiers } from './shared-state.ts';
import { reasonOfMissedCalls } from './tier.ts';

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
 * Follows every `require` of the process, and every CommonJS file that an ES module imports; returns its undo.
 *
 * A file that is imported never passes through `require`, so that require-in-the-middle does not see it: Node tells
 * of it here under its path. The hook itself (10 ms to load) waits for the first `require` of a watched package.
 */
export function followRequires(): () => void {
  const unseenByHook = new WeakSet<RequireMessage>();
  const visited = new Set<string>();
  const rescan = inMicrotask(() => findLoadedCommonJs());

  function onStart(message: RequireMessage): void {
    if (concernsWatched(message) && !ensureRequireHook()) unseenByHook.add(message);
  }

  function onEnd(message: RequireMessage): void {
    const { id, parentFilename = '' } = message;
    if (message.error !== undefined) return;
    if (path.isAbsolute(id)) announceCached(id, 'module.require');
    if (unseenByHook.has(message))
      announceCached(createRequire(parentFilename || import.meta.url).resolve(id), 'module.require');
    const site = `${parentFilename}\n${id}`;
    if (visited.has(site) || isBuiltin(id) || !canLeadToWatched(message)) return;
    visited.add(site);
    rescan();
    if (lacksImportHook() && isNamespace(message.result)) findNew('module.require', id);
  }
  return subscribe('module.require', { start: onStart, end: onEnd });
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
  return subscribe('module.import', { asyncEnd: onImported });
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
function canLeadToWatched(message: RequireMessage): boolean {
  const { parentFilename = '' } = message;
  return installedFolder(parentFilename) === null || concernsWatched(message);
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
    queueMicrotask(() => {
      isScheduled = false;
      try {
        task();
      } catch (error) {
        reportFailure('search for loaded modules', error);
      }
    });
  };
}
