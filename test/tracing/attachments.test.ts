import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { flush } from '../../src/autologging/flush.ts';
import type { Trace } from '../../src/entities/trace.ts';
import { MlflowClient, setTrackingUri } from '../../src/index.ts';
import { Attachment } from '../../src/tracing/attachment.ts';
import { giveRoom, takeRoom } from '../../src/tracing/attachment-room.ts';
import { configureTracing } from '../../src/tracing/configure-tracing.ts';
import { lastActiveTraceId } from '../../src/tracing/last-trace.ts';
import { withSpan } from '../../src/tracing/tracer.ts';
import type { TracingOptions } from '../../src/tracing/tracing-config.ts';

const PNG = Buffer.from(`89504e470d0a1a0a${'00'.repeat(60)}`, 'hex');
const WAV = Buffer.concat([Buffer.from('RIFF'), Buffer.alloc(4), Buffer.from('WAVE'), Buffer.alloc(60)]);
const BASE64 = PNG.toString('base64');

let undo: () => void = () => undefined;

function configure(options: TracingOptions): void {
  undo = configureTracing(options);
}

beforeEach(() => setTrackingUri(`sqlite:///${path.join(fs.mkdtempSync(path.resolve('attached-')), 'mlflow.db')}`));

afterEach(() => {
  undo();
  undo = () => undefined;
});

/** The inputs as they are stored, and the files that they name. */
async function stored(inputs: unknown): Promise<{ inputs: unknown; files: Buffer[]; trace: Trace }> {
  withSpan({ name: 'root', inputs }, () => undefined);
  await flush();
  const trace = await new MlflowClient().getTrace(lastActiveTraceId() ?? '');
  const recorded = trace.spans[0]?.attributes['mlflow.spanInputs'];
  const folder = path.join(trace.info.tags['mlflow.artifactLocation'] ?? '', 'attachments');
  const ids = [...JSON.stringify(recorded ?? null).matchAll(/mlflow-attachment:\/\/([^?]+)/g)].map(
    ([, id]) => id ?? '',
  );
  const names = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
  expect(names.sort()).toEqual([...ids].sort());
  return { inputs: recorded, files: ids.map((id) => fs.readFileSync(path.join(folder, id))), trace };
}

function uriOf(contentType: string, sizeBytes: number): unknown {
  const type = encodeURIComponent(contentType);
  return expect.stringMatching(
    new RegExp(
      `^mlflow-attachment://[0-9a-f-]{36}\\?content_type=${type}&trace_id=tr-[0-9a-f]{32}&size=${sizeBytes}$`,
    ),
  );
}

describe('an attachment', () => {
  it('stands among the inputs by its address, and its bytes are a file of the trace', async () => {
    const attachment = new Attachment({ contentType: 'image/png', content: PNG });
    const { inputs, files, trace } = await stored({ image: attachment, n: 1 });
    expect(inputs).toEqual({ image: uriOf('image/png', PNG.length), n: 1 });
    expect(files).toEqual([PNG]);
    expect(trace.info.requestPreview).toContain('mlflow-attachment://');
  });

  it('is read from a file, with a type from its name', () => {
    fs.writeFileSync('voice.mp3', WAV);
    expect(Attachment.fromFile('voice.mp3')).toMatchObject({ contentType: 'audio/mpeg', content: WAV });
    expect(Attachment.fromFile('voice.mp3', 'audio/x')).toMatchObject({ contentType: 'audio/x' });
    expect(() => Attachment.fromFile('none.png')).toThrow("Cannot read the attachment 'none.png'");
  });

  it('is left out with a mark where it is too large, or too many wait', async () => {
    configure({ maxAttachmentBytes: 10 });
    const attachment = new Attachment({ contentType: 'image/png', content: PNG });
    expect((await stored(attachment)).inputs).toBe(
      `[Attachment too large: ${PNG.length} bytes exceeds 10 bytes limit]`,
    );
    undo();
    let taken = 0;
    for (const step of [1024 * 1024, 1]) while (takeRoom(step)) taken += step;
    const { inputs } = await stored(attachment);
    giveRoom(taken);
    expect(inputs).toBe(`[Attachment, ${PNG.length} bytes, not recorded]`);
    expect((await stored(attachment)).files).toEqual([PNG]);
  });

  it('does not leave where a span processor takes it out', async () => {
    configure({ spanProcessors: [(span) => span.setInputs('[left out]')] });
    const { inputs, files } = await stored([new Attachment({ contentType: 'image/png', content: PNG })]);
    expect({ inputs, files }).toEqual({ inputs: '[left out]', files: [] });
    undo();
    configure({
      spanProcessors: [
        () => {
          throw new Error('bad filter');
        },
      ],
    });
    const write = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
    const found = await stored([new Attachment({ contentType: 'image/png', content: PNG })]);
    write.mockRestore();
    expect(found).toMatchObject({ inputs: undefined, files: [] });
  });
});

describe('binary content', () => {
  const png = uriOf('image/png', PNG.length);
  const cases: readonly [title: string, inputs: unknown, recorded: unknown][] = [
    ['a data URI', { url: `data:image/png;base64,${BASE64}` }, { url: png }],
    ['a data URI with parameters', `data:image/png;name=a;base64,${BASE64}`, png],
    [
      "OpenAI's audio input",
      { type: 'input_audio', input_audio: { data: BASE64, format: 'mp3' } },
      { type: 'input_audio', input_audio: { data: uriOf('audio/mpeg', PNG.length), format: 'mp3' } },
    ],
    [
      "OpenAI's audio output",
      { audio: { data: BASE64, transcript: 'hi' } },
      { audio: { data: uriOf('audio/wav', PNG.length), transcript: 'hi' } },
    ],
    ["OpenAI's images", { data: [{ b64_json: BASE64 }] }, { data: [{ b64_json: png }] }],
    [
      "Anthropic's images",
      { type: 'image', source: { type: 'base64', media_type: 'image/webp', data: BASE64 } },
      {
        type: 'image',
        source: { type: 'base64', media_type: 'image/webp', data: uriOf('image/webp', PNG.length) },
      },
    ],
    [
      "Gemini's inline data",
      { inlineData: { mimeType: 'image/gif', data: BASE64 } },
      { inlineData: { mimeType: 'image/gif', data: uriOf('image/gif', PNG.length) } },
    ],
    [
      "Bedrock's images",
      { image: { format: 'png', source: { bytes: BASE64 } } },
      { image: { format: 'png', source: { bytes: png } } },
    ],
    ['bytes of an image', { image: PNG }, { image: png }],
    ['bytes of audio', [new Uint8Array(WAV)], [uriOf('audio/wav', WAV.length)]],
  ];
  for (const [title, inputs, recorded] of cases) {
    it(`becomes a file: ${title}`, async () => {
      const found = await stored(inputs);
      expect(found.inputs).toEqual(recorded);
      expect(found.files).toHaveLength(1);
    });
  }

  const kept: readonly [title: string, inputs: unknown][] = [
    ['text in base64 of which nothing says what it is', { data: BASE64 }],
    ['a data URI without base64', 'data:text/plain,'.padEnd(100, 'x')],
    ['a data URI that is none', `data:image/png;base64,${'*'.repeat(100)}`],
    ['a short one', 'data:image/png;base64,AAAA'],
  ];
  for (const [title, inputs] of kept) {
    it(`stays text: ${title}`, async () => {
      expect(await stored(inputs)).toMatchObject({ inputs, files: [] });
    });
  }

  it('stays text where that is wished', async () => {
    configure({ extractAttachments: false });
    const inputs = {
      url: `data:image/png;base64,${BASE64}`,
      given: new Attachment({ contentType: 'a/b', content: WAV }),
    };
    const { inputs: recorded, files } = await stored(inputs);
    expect(recorded).toEqual({ url: inputs.url, given: uriOf('a/b', WAV.length) });
    expect(files).toEqual([WAV]);
  });

  it('of a size that text would be cut at is whole', async () => {
    const large = Buffer.concat([PNG, Buffer.alloc(3_000_000, 7)]);
    const { files } = await stored({ url: `data:image/png;base64,${large.toString('base64')}` });
    expect(files[0]?.equals(large)).toBe(true);
  });
});
