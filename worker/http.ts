/**
 * A request and its response as the gateway sees them, on every platform.
 *
 * Cloudflare gives `Request` objects; the server of `serve.ts` parses the bytes
 * itself. `Request` and `Response` cost some 10 µs each on Deno, which is as much
 * as everything else that the gateway does for a request.
 *
 * @module
 */

import { EMPTY, encodeText, joinBytes } from "../lib/resp/bytes.ts";
import { badRequest, Refusal } from "./refusal.ts";

/** One request. */
export interface Incoming {
  /** The method, as the client wrote it. */
  readonly method: string;
  /** The path and the query, percent-encoded. */
  readonly target: string;
  /** The value of a header, whose name is in lower case; `null` when it is absent. */
  header(name: string): string | null;
  /** Reads the body. Throws a {@linkcode Refusal} when it has more than `limit` bytes. */
  body(limit: number): Promise<Uint8Array>;
  /** Aborts when the client leaves. Reading this property has a price: do so only when needed. */
  readonly signal: AbortSignal;
  /** The platform's own object, where there is one. */
  readonly request?: Request;
  /** Tells the server that the client has shown a valid token. */
  authorized?(): void;
}

/** One response. */
export interface Outgoing {
  /** The status code. */
  readonly status: number;
  /** The headers, their names in lower case; the length is not one of them. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body; `null` for none. */
  readonly body: string | Uint8Array<ArrayBuffer> | ReadableStream | null;
  /** The platform's own response to a WebSocket handshake; the rest does not count then. */
  readonly response?: Response;
}

/** The methods that are served; `OPTIONS` is answered before. */
export const METHODS: readonly string[] = ["GET", "HEAD", "POST", "PUT"];

/** Throws a {@linkcode Refusal} unless the method is one of `methods`. */
export function checkMethod(
  { method }: Incoming,
  methods: readonly string[] = METHODS,
): void {
  if (methods.includes(method)) return;
  const allow = methods.join(", ");
  throw new Refusal(405, `ERR method not allowed here: use ${allow}`, {
    allow,
  });
}

/** Whether the request is a GET or a HEAD. */
export function isGet({ method }: Incoming): boolean {
  return method === "GET" || method === "HEAD";
}

/** The error for a body that is larger than its limit. */
export function tooLarge(limit: number): Refusal {
  return new Refusal(
    413,
    `ERR max request size exceeded: a body may have ${limit} bytes`,
  );
}

/** A `Request` as the gateway sees it. */
export function fromRequest(request: Request): Incoming {
  return new PlatformRequest(request);
}

class PlatformRequest implements Incoming {
  readonly request: Request;

  constructor(request: Request) {
    this.request = request;
  }

  get method(): string {
    return this.request.method;
  }

  /**
   * Platforms build the URL from the client's Host header. One that is not a
   * host, such as `x/metrics?`, would change the path.
   */
  get target(): string {
    const { url } = this.request;
    if (/[/?#\\@\s]/.test(this.header("host") ?? "")) {
      throw badRequest("the Host header is not a host");
    }
    return /^[^:/?#]+:\/\/[^/?#]*([^#]*)/.exec(url)?.[1] ?? "";
  }

  header(name: string): string | null {
    return this.request.headers.get(name);
  }

  async body(limit: number): Promise<Uint8Array> {
    const { body } = this.request;
    if (Number(this.header("content-length")) > limit) throw tooLarge(limit);
    if (body === null) return EMPTY;
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of body) {
      size += chunk.length;
      if (size > limit) throw tooLarge(limit);
      chunks.push(chunk);
    }
    return chunks.length === 1 ? chunks[0]! : joinBytes(chunks);
  }

  get signal(): AbortSignal {
    return this.request.signal;
  }
}

/** The `Response` for an answer of the gateway. */
export function toResponse(
  { status, headers, body, response }: Outgoing,
  method: string,
): Response {
  if (response !== undefined) return response;
  if (method !== "HEAD" || body === null || body instanceof ReadableStream) {
    return new Response(body, { status, headers });
  }
  const { length } = typeof body === "string" ? encodeText(body) : body;
  return new Response(null, {
    status,
    headers: { ...headers, "content-length": `${length}` },
  });
}
