import type { SpanLink, SpanStatus } from '../entities/trace.ts';
import { setMember, toJsonData } from '../json.ts';
import type { SpanRecord } from '../store/log-record.ts';
import type { Attachment } from './attachment.ts';
import { giveRoom, takeRoom } from './attachment-room.ts';
import { AttributeKey } from './attribute-keys.ts';
import { contentLimits } from './span-content.ts';

/** Bounds of one span; what is beyond is counted in its attribute `autolog.dropped`. */
const MAX_ATTRIBUTES = 1_000;
const MAX_EVENTS = 1_000;
const MAX_LINKS = 128;

/** A link as it is given. */
export type NewSpanLink = Pick<SpanLink, 'traceId' | 'spanId'> & Partial<Pick<SpanLink, 'attributes'>>;

/** What a span under way says so far: copies of what it was given, within bounds. */
export class SpanDraft {
  readonly traceId: string;
  status: SpanStatus = { code: 'UNSET', message: '' };
  attributes: Record<string, unknown> = {};
  #attributeCount = 0;
  #events: SpanRecord['events'][number][] = [];
  #links: SpanLink[] | undefined;
  #droppedCount = 0;
  #attachments: Attachment[] | undefined;
  readonly #takesAttachments: boolean;

  constructor(traceId: string, type: string, takesAttachments: boolean) {
    this.traceId = traceId;
    this.#takesAttachments = takesAttachments;
    this.attributes[AttributeKey.traceId] = traceId;
    this.attributes[AttributeKey.type] = type;
  }

  /** Sets the inputs or outputs, whose binary content becomes attachments. */
  setContent(key: string, value: unknown): void {
    this.attributes[key] = toJsonData(value, contentLimits(this));
  }

  setAttribute(key: string, value: unknown): void {
    if (this.#attributeCount >= MAX_ATTRIBUTES && !Object.hasOwn(this.attributes, key)) {
      this.#droppedCount += 1;
      return;
    }
    this.#attributeCount += 1;
    setMember(this.attributes, key, toJsonData(value, contentLimits()));
  }

  addEvent(name: string, timeUnixNano: bigint, attributes: Readonly<Record<string, unknown>>): void {
    if (this.#events.length >= MAX_EVENTS) {
      this.#droppedCount += 1;
      return;
    }
    const copy = toJsonData(attributes, contentLimits()) as Record<string, unknown>;
    this.#events.push({ name, timeUnixNano: timeUnixNano.toString(), attributes: copy });
  }

  clearEvents(): void {
    this.#events = [];
  }

  addLink({ traceId, spanId, attributes = {} }: NewSpanLink): void {
    this.#links ??= [];
    if (this.#links.length >= MAX_LINKS) {
      this.#droppedCount += 1;
      return;
    }
    this.#links.push({ traceId, spanId, attributes: toJsonData(attributes) as Record<string, unknown> });
  }

  /** Takes what stands for binary content; false where there is no room for it. */
  attach(attachment: Attachment): boolean {
    if (!this.#takesAttachments || !takeRoom(attachment.content.length)) return false;
    this.#attachments ??= [];
    this.#attachments.push(attachment);
    return true;
  }

  /** Leaves what is left of a span whose content nobody could check. */
  drop(): void {
    const { [AttributeKey.type]: type } = this.attributes;
    this.attributes = {
      [AttributeKey.traceId]: this.traceId,
      [AttributeKey.type]: type,
      'autolog.redacted': true,
    };
    this.#events = [];
    this.#links = undefined;
    this.status = { code: this.status.code, message: '' };
  }

  /** The attachments that the content still names: a span processor may have taken others out, and they stay here. */
  namedAttachments(): readonly Attachment[] {
    if (this.#attachments === undefined) return [];
    const text = JSON.stringify(this.attributes);
    const named = this.#attachments.filter(({ id }) => text.includes(id));
    for (const each of this.#attachments) if (!named.includes(each)) giveRoom(each.content.length);
    return named;
  }

  finish(): Pick<SpanRecord, 'status' | 'attributes' | 'events' | 'links'> {
    if (this.#droppedCount > 0) this.attributes['autolog.dropped'] = this.#droppedCount;
    const { status, attributes } = this;
    const events = this.#events;
    return this.#links === undefined
      ? { status, attributes, events }
      : { status, attributes, events, links: this.#links };
  }
}
