// A pattern in place of server.d.mts: Biome's useImportExtensions would turn imports of server.mjs into
// server.mjs.mts beside such a file.
declare module '*/endpoint/server.mjs' {
  /** A part of the API that the server answers. */
  export type OpenAiRoute = 'chat.completions' | 'responses' | 'embeddings' | 'completions';

  /** How a reply is sent. */
  export interface ReplyPace {
    /** Wait before the reply begins, in milliseconds. @default 0 */
    readonly delayMs?: number;
    /** Wait between two events of a stream, in milliseconds. @default 0 */
    readonly eventDelayMs?: number;
    /** Count of events after which an error event ends the stream. */
    readonly failAfter?: number;
    /** Count of events after which the connection breaks. */
    readonly disconnectAfter?: number;
  }

  /** What the server answers to one request. */
  export interface Reply {
    /** HTTP status. @default 200 */
    readonly status?: number;
    readonly headers?: Readonly<Record<string, string>>;
    /** The whole answer, cut into events when the request wants a stream; a string is sent as it is. */
    readonly body?: object | string;
    /** Events of a stream, sent as they are in place of `body`; a string is sent as the data of an event. */
    readonly events?: readonly (object | string)[];
    /** Overrides the server's pace. */
    readonly pace?: ReplyPace;
  }

  /** A request that the server has received. */
  export interface ReceivedRequest {
    readonly method: string;
    readonly path: string;
    readonly query: Readonly<Record<string, string>>;
    /** Null for a path that the server does not know. */
    readonly route: OpenAiRoute | null;
    readonly isAzure: boolean;
    /** Azure's deployment, or the `model` of the body. */
    readonly model: string | undefined;
    /** Without `authorization` and `api-key`. */
    readonly headers: Readonly<Record<string, string | string[] | undefined>>;
    /** Null when the body was no JSON object. */
    readonly body: Readonly<Record<string, unknown>> | null;
    /** The connection was closed before the whole reply was sent; known once it is closed. */
    readonly closedEarly: boolean;
  }

  /** Answers a request of one route; `count` is 1 for the first one. Undefined falls back to the stored reply. */
  export type ReplyScript = (request: ReceivedRequest, count: number) => Reply | undefined;

  export interface OpenAiServerOptions {
    /** @default a free port */
    readonly port?: number;
    /** The only key that is accepted. @default any key that is not empty */
    readonly apiKey?: string;
    /** How replies are sent that say nothing else. */
    readonly pace?: ReplyPace;
    /** Lets the process end while the server runs. @default false */
    readonly unref?: boolean;
  }

  export interface OpenAiServer {
    /** For Azure's `endpoint`: `http://127.0.0.1:<port>`. */
    readonly origin: string;
    /** For `baseURL` and OPENAI_BASE_URL: `origin` with `/v1`. */
    readonly url: string;
    /** All requests so far, in order of arrival. */
    readonly requests: readonly ReceivedRequest[];
    /** Answers a route with a script from now on, in place of an earlier script. Returns its undo. */
    reply(route: OpenAiRoute, script: ReplyScript): () => void;
    /** Ends all connections and stops the server. */
    close(): Promise<void>;
  }

  /** Starts an OpenAI-compatible HTTP server on 127.0.0.1. */
  export function startOpenAiServer(options?: OpenAiServerOptions): Promise<OpenAiServer>;
}
