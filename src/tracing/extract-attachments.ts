import { Attachment, attachmentUri } from './attachment.ts';
import { tracingConfig } from './tracing-config.ts';

/** Takes the attachments of a span. */
export interface AttachmentHolder {
  readonly traceId: string;
  /** False where there is no room for it. */
  attach(attachment: Attachment): boolean;
}

type Replace = (value: string | object, path: readonly object[]) => string | undefined;

/** Makes what takes binary content out of a copy: what is given as an attachment, and (`isExtracted`) what is found. */
export function replaceBinary(holder: AttachmentHolder, isExtracted: boolean): Replace {
  return (value, path) => {
    if (value instanceof Attachment) return hold(holder, value);
    if (!isExtracted) return undefined;
    const found = typeof value === 'string' ? fromText(value, path) : fromBytes(value);
    return found === undefined ? undefined : hold(holder, found);
  };
}

function hold(holder: AttachmentHolder, attachment: Attachment): string {
  const sizeBytes = attachment.content.length;
  const { maxAttachmentBytes } = tracingConfig();
  if (sizeBytes > maxAttachmentBytes) {
    return `[Attachment too large: ${sizeBytes} bytes exceeds ${maxAttachmentBytes} bytes limit]`;
  }
  if (!holder.attach(attachment)) return `[Attachment, ${sizeBytes} bytes, not recorded]`;
  return attachmentUri(attachment, holder.traceId);
}

function fromText(text: string, path: readonly object[]): Attachment | undefined {
  if (text.startsWith('data:')) return fromDataUri(text);
  const holder = path.at(-1);
  const contentType = holder === undefined ? undefined : typeBeside(text, holder as Fields, path.at(-2) as Fields);
  return contentType === undefined ? undefined : fromBase64(text, contentType);
}

function fromDataUri(text: string): Attachment | undefined {
  const comma = text.indexOf(',');
  const type = /^data:([^;,]+)(?:;[^;,]+)*;base64$/.exec(text.slice(0, Math.min(comma, 200)))?.[1];
  return type === undefined ? undefined : fromBase64(text.slice(comma + 1), type);
}

interface Fields {
  readonly [key: string]: unknown;
}

/** The media type that what is around a text says it has, in the forms of the model providers. */
function typeBeside(text: string, holder: Fields, above: Fields | undefined): string | undefined {
  if (holder.b64_json === text) return textOf(holder.output_format, 'image/') ?? 'image/png';
  if (holder.data === text) {
    // Anthropic's sources, Gemini's inline data, OpenAI's input and output of audio.
    if (holder.type === 'base64') return textOf(holder.media_type) ?? 'image/png';
    const inline = textOf(holder.mimeType) ?? textOf(holder.mime_type) ?? textOf(holder.mediaType);
    if (inline !== undefined) return inline;
    if (above?.input_audio === holder)
      return holder.format === 'mp3' ? 'audio/mpeg' : `audio/${holder.format ?? 'wav'}`;
    if (above?.audio === holder) return 'audio/wav';
  }
  if (holder.bytes === text && above?.source === holder) return textOf(above.format, 'image/') ?? 'image/png';
  return holder.type === 'image_generation_call' && holder.result === text ? 'image/png' : undefined;
}

function textOf(value: unknown, prefix = ''): string | undefined {
  return typeof value === 'string' && value !== '' ? prefix + value : undefined;
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

function fromBase64(text: string, contentType: string): Attachment | undefined {
  if (text.length % 4 !== 0 || !BASE64.test(text)) return undefined;
  return new Attachment({ contentType, content: Buffer.from(text, 'base64') });
}

/** First bytes of what MLflow can show. */
const SIGNATURES: readonly [bytes: string, contentType: string][] = [
  ['89504e470d0a1a0a', 'image/png'],
  ['ffd8ff', 'image/jpeg'],
  ['47494638', 'image/gif'],
  ['25504446', 'application/pdf'],
  ['494433', 'audio/mpeg'],
  ['4f676753', 'audio/ogg'],
];

/** Copied, because the program may use its buffer again. */
function fromBytes(value: object): Attachment | undefined {
  if (!(value instanceof Uint8Array) || value.length < 12) return undefined;
  const contentType = typeOfBytes(Buffer.from(value.subarray(0, 12)).toString('hex'));
  return contentType === undefined ? undefined : new Attachment({ contentType, content: value.slice() });
}

function typeOfBytes(head: string): string | undefined {
  const known = SIGNATURES.find(([bytes]) => head.startsWith(bytes));
  if (known !== undefined) return known[1];
  // RIFF, four bytes of length, and what it is.
  if (!head.startsWith('52494646')) return undefined;
  return { '57415645': 'audio/wav', '57454250': 'image/webp' }[head.slice(16)];
}
