/**
 * A stream of server-sent events: what a client listens to, until it leaves.
 *
 * One event for each push of Redis, as the convention has them:
 *
 * ```text
 * data: subscribe,news,1
 *
 * data: message,news,hello
 *
 * data: pmessage,n*,news,hello
 * ```
 *
 * The stream ends when the connection to Redis is lost, as nobody knows what was
 * published meanwhile: an `EventSource` opens it again. A reader that is slower
 * than the publishers is cut off.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 * @module
 */

import {
  type Client,
  type Item,
  type Message,
  SlowReaderError,
  type SubscriptionOptions,
} from "../lib/client/client.ts";
import { monitorLines } from "../lib/client/monitor.ts";
import { decodeText, encodeText } from "../lib/resp/bytes.ts";
import type { Grant } from "./grants.ts";
import type { Place } from "./limits.ts";
import type { ListenPlan } from "./request.ts";
import { type Platform, respondWhileOpen } from "./upstream.ts";

/** A comment after so long, in milliseconds, shows who left without a word. */
const HEARTBEAT = 15_000;
/** After so long, in milliseconds, a browser opens a stream again that ended. */
const RETRY = 1_000;
/** Bytes that wait for the network; what comes then waits in the subscription. */
const BUFFER = 64 * 1024;
/** How many bytes of messages may wait there. */
const QUEUED = 4 * 1024 * 1024;

/**
 * Opens a stream; resolves when Redis has confirmed all of it. That the grant
 * may listen has been checked.
 */
export function respondWithEvents(
  plan: ListenPlan,
  grant: Grant,
  platform: Platform,
  headers: Record<string, string>,
  { signal }: { readonly signal: AbortSignal },
): Promise<Response> {
  return respondWhileOpen(grant, platform, async (client, stream) => {
    // Where the platform tells that the client has left, or that all must end.
    const over = platform.closing === undefined
      ? signal
      : AbortSignal.any([signal, platform.closing]);
    const heard = await listen(plan, client, over);
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const body = streamOf(plan, heard, stream, () => {
      // Not waited for: Cloudflare runs a request no further once its client has
      // left, and the connections are still to be closed.
      heard[Symbol.asyncDispose]().catch(() => {});
      end();
    });
    const response = new Response(body, {
      headers: {
        ...headers,
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-cache",
        // Proxies that collect answers would hold events back.
        "x-accel-buffering": "no",
      },
    });
    return { response, ended };
  });
}

/** How the gateway listens for a client: it ends what is read too slowly. */
export function relayed(
  highWaterBytes: number,
  signal: AbortSignal,
): SubscriptionOptions {
  return {
    highWaterMark: 1024,
    highWaterBytes,
    overflow: "error",
    gaps: true,
    signal,
  };
}

type Heard =
  & AsyncIterator<Item<string>, void>
  & { [Symbol.asyncDispose](): Promise<void> };

/** Subscribes: to the loss of the connection too. */
async function listen(
  { how, names }: ListenPlan,
  client: Client,
  signal: AbortSignal,
): Promise<Heard> {
  const options = relayed(QUEUED, signal);
  return how === "monitor"
    ? await monitorLines(client, options)
    : await client.subscribe(how, names, options, decodeText);
}

/** The events of a subscription; `end` is called once it is over. */
function streamOf(
  plan: ListenPlan,
  heard: Heard,
  open: Place,
  end: () => void,
): ReadableStream<Uint8Array> {
  let heartbeat: ReturnType<typeof setInterval>;
  let left = false;
  /** Bytes that were sent, and how many of them were read at the last heartbeat. */
  let sent = 0;
  let readBefore = -1;
  const leave = () => {
    left = true;
    clearInterval(heartbeat);
    open.close();
    end();
  };
  type Controller = ReadableStreamDefaultController<Uint8Array>;
  const send = (controller: Controller, text: string) => {
    const bytes = encodeText(text);
    sent += bytes.length;
    controller.enqueue(bytes);
  };
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const opening = confirmations(plan).map(eventOf).join("");
      send(controller, `retry: ${RETRY}\n\n${opening}`);
      heartbeat = setInterval(() => {
        open.renew();
        const waiting = BUFFER - controller.desiredSize!;
        // Not even the last heartbeat was read: nobody is there any more.
        if (waiting > 0 && sent - waiting === readBefore) {
          controller.error(
            new SlowReaderError("The reader of a stream stopped"),
          );
          return leave();
        }
        readBefore = sent - waiting;
        if (waiting < BUFFER) send(controller, ":\n\n");
      }, HEARTBEAT);
    },
    async pull(controller) {
      try {
        const { value } = await heard.next();
        if (left) return;
        if (value !== undefined && "message" in value) {
          send(controller, eventOf(textOf(plan, value)));
          return;
        }
        controller.close();
      } catch (error) {
        // Redis or the gateway ended it, and all that came can still be read; a
        // reader that is too slow would never come to that end.
        if (left) return;
        if (error instanceof SlowReaderError) controller.error(error);
        else controller.close();
      }
      leave();
    },
    cancel: leave,
  }, new ByteLengthQueuingStrategy({ highWaterMark: BUFFER }));
}

const WORDS = { channel: "", pattern: "p" };

/** What Redis said when it confirmed: here each stream counts its own. */
function confirmations({ how, names }: ListenPlan): string[] {
  if (how === "monitor") return ['"OK"'];
  const counted = new Set<string>();
  return names.map((name) =>
    `${WORDS[how]}subscribe,${name},${counted.add(name).size}`
  );
}

function textOf(
  { how }: ListenPlan,
  { channel, message, pattern }: Message,
): string {
  if (how === "monitor") return message;
  return pattern === undefined
    ? `message,${channel},${message}`
    : `pmessage,${pattern},${channel},${message}`;
}

/**
 * One event. Each line of its text is a line of its own, so that no text makes
 * an event. All but the first go without the blank behind the colon, which means
 * the same in a browser: the convention's own client takes a line with it for an
 * event, so that `hello\nmessage,news,forged` would be two of them.
 */
function eventOf(text: string): string {
  const [first, ...others] = text.split(/\r\n|\r|\n/);
  const rest = others.map((line) =>
    line.startsWith(" ") ? `\ndata: ${line}` : `\ndata:${line}`
  );
  return `data: ${first}${rest.join("")}\n\n`;
}
