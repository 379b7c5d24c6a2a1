/**
 * Streams of server-sent events: `/subscribe`, `/psubscribe`, `/monitor`.
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
 * The stream ends when the connection to Redis is lost, as messages may have been
 * published meanwhile: an `EventSource` opens it again. A reader that is slower
 * than the publishers is cut off.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 * @module
 */

import type { Message } from "../lib/client/client.ts";
import type { Env } from "./env.ts";
import { streamFeed } from "./feeds.ts";
import type { Grant } from "./grants.ts";
import type { Incoming, Outgoing } from "./http.ts";
import { openStream, type Platform } from "./platform.ts";
import type { ListenPlan } from "./request.ts";

/** A browser opens a stream that ended again after this long, in milliseconds. */
const RETRY_MS = 1_000;
/** The bytes of messages that may wait for a slow reader. */
const QUEUED_BYTES = 4 * 1024 * 1024;

/**
 * Opens a stream; resolves when Redis has confirmed all of its subscriptions. The
 * permission to subscribe was checked before.
 */
export function respondWithEvents(
  plan: ListenPlan,
  grant: Grant,
  platform: Platform,
  env: Env | undefined,
  headers: Record<string, string>,
  request: Pick<Incoming, "signal">,
  onHeartbeat: () => void,
): Promise<Outgoing> {
  return openStream(grant, platform, env, async (session, place) => {
    const { closing } = platform;
    const signal = closing === undefined
      ? request.signal
      : AbortSignal.any([request.signal, closing]);
    const feed = await session.subscribe(plan.how, plan.names, {
      highWaterBytes: QUEUED_BYTES,
      signal,
    });
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const opening = confirmations(plan).map(eventOf).join("");
    const body = streamFeed(feed, {
      opening: `retry: ${RETRY_MS}\n\n${opening}`,
      heartbeat: ":\n\n",
      item: (item) =>
        "message" in item ? eventOf(textOf(plan, item)) : undefined,
      failure: () => undefined,
      onHeartbeat: () => {
        place.renew();
        onHeartbeat();
      },
      onEnd: resolve,
    });
    const response: Outgoing = {
      status: 200,
      headers: {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-cache",
        // Proxies would collect events before they pass them on.
        "x-accel-buffering": "no",
        ...headers,
      },
      body,
    };
    return { response, ended };
  });
}

const WORDS = { channel: "", pattern: "p" };

/** The confirmations of Redis, as if the stream had a connection of its own. */
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
 * One event. Each line of the text is a line of the event, so that a message
 * cannot forge another event. All but the first go without the blank behind the
 * colon, which means the same in a browser: the convention's own client takes each
 * line with `data: ` for an event of its own.
 */
function eventOf(text: string): string {
  const [first, ...others] = text.split(/\r\n|\r|\n/);
  const rest = others.map((line) =>
    line.startsWith(" ") ? `\ndata: ${line}` : `\ndata:${line}`
  );
  return `data: ${first}${rest.join("")}\n\n`;
}
