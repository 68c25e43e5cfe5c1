import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { toFileError } from '../file-errors.ts';
import { randomUuidHex } from '../random-id.ts';

/** What an attachment is made of. */
export interface AttachmentOptions {
  /** Media type, as `image/png`. */
  readonly contentType: string;
  readonly content: Uint8Array;
}

const TYPES: Readonly<Record<string, string>> = {
  '.gif': 'image/gif',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.json': 'application/json',
  '.mp3': 'audio/mpeg',
  '.mp4': 'video/mp4',
  '.ogg': 'audio/ogg',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
  '.wav': 'audio/wav',
  '.webm': 'video/webm',
  '.webp': 'image/webp',
};

/**
 * Binary content, as an image or audio, for the inputs or outputs of a span: kept as a file of the trace, and shown by
 * MLflow in its place.
 *
 * Source: mlflow/tracing/attachments.py, read at 3.17.
 */
export class Attachment {
  /** A UUID. */
  readonly id = toUuid(randomUuidHex());
  readonly contentType: string;
  readonly content: Uint8Array;

  constructor({ contentType, content }: AttachmentOptions) {
    this.contentType = contentType;
    this.content = content;
  }

  /**
   * Reads a file; its type is told from its name where it is not given.
   *
   * @throws {AutologError} when the file cannot be read.
   */
  static fromFile(path: string, contentType: string = typeOf(path)): Attachment {
    try {
      return new Attachment({ contentType, content: readFileSync(path) });
    } catch (error) {
      throw toFileError(`read the attachment '${path}'`, error);
    }
  }
}

/** What stands for an attachment in the content of a span. */
export function attachmentUri({ id, contentType, content }: Attachment, traceId: string): string {
  const query = new URLSearchParams({ content_type: contentType, trace_id: traceId, size: `${content.length}` });
  return `mlflow-attachment://${id}?${query}`;
}

function typeOf(path: string): string {
  return TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream';
}

function toUuid(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
