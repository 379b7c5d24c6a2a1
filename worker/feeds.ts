/**
 * Subscriptions as streams of bytes.
 *
 * @module
 */

import { type Item, SlowReaderError } from "../lib/client/client.ts";
import { encodeText } from "../lib/resp/bytes.ts";
import type { Feed } from "./platform.ts";

/** A heartbeat shows within this long, in milliseconds, that a client has left without a word. */
export const HEARTBEAT_MS = 15_000;
/** The bytes that wait for the network; further messages wait in the subscription. */
const NETWORK_BYTES = 64 * 1024;

/** How a subscription is written. */
export interface FeedFormat {
  /** What the stream begins with. */
  readonly opening: string;
  /** What is sent when nothing else is. */
  readonly heartbeat: string;
  /** One item; `undefined` ends the stream. */
  item(item: Item<string>): string | undefined;
  /** The last words after an error; `undefined` to end without any. */
  failure(error: unknown): string | undefined;
  /** Called with each heartbeat. */
  onHeartbeat(): void;
  /** Called once when the stream has ended. */
  onEnd(): void;
}

/** Streams a subscription until it ends, or its reader leaves or stops reading. */
export function streamFeed(
  feed: Feed,
  format: FeedFormat,
): ReadableStream<Uint8Array> {
  let ended = false;
  let timer: ReturnType<typeof setInterval>;
  let sent = 0;
  /** The bytes that were read at the last heartbeat. */
  let readBefore = -1;
  type Controller = ReadableByteStreamController;
  const send = (controller: Controller, text: string) => {
    if (text === "") return;
    const bytes = encodeText(text);
    sent += bytes.length;
    controller.enqueue(bytes);
  };
  const end = () => {
    if (ended) return;
    ended = true;
    clearInterval(timer);
    // Not awaited: Cloudflare stops a request once its client has left, and the
    // subscription must still end.
    feed[Symbol.asyncDispose]().catch(() => {});
    format.onEnd();
  };
  return new ReadableStream({
    // RPC of Cloudflare carries streams of bytes only.
    type: "bytes",
    start(controller) {
      send(controller, format.opening);
      timer = setInterval(() => {
        format.onHeartbeat();
        const waiting = NETWORK_BYTES - controller.desiredSize!;
        if (waiting > 0 && sent - waiting === readBefore) {
          // Not even the last heartbeat was read.
          controller.error(new SlowReaderError("The reader has stopped"));
          return end();
        }
        readBefore = sent - waiting;
        if (waiting <= 0) send(controller, format.heartbeat);
      }, HEARTBEAT_MS);
    },
    async pull(controller) {
      let last: string | undefined;
      try {
        const { value } = await feed.next();
        if (ended) return;
        const text = value === undefined ? undefined : format.item(value);
        if (text !== undefined) return send(controller, text);
      } catch (error) {
        if (ended) return;
        last = format.failure(error);
        if (last === undefined && error instanceof SlowReaderError) {
          // Such a reader would not come to the end.
          controller.error(error);
          return end();
        }
      }
      if (last !== undefined) send(controller, last);
      controller.close();
      end();
    },
    cancel: end,
  }, { highWaterMark: NETWORK_BYTES });
}
