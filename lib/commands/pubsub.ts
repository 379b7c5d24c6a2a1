/**
 * Publishing, and information about subscribers. Subscribing is the client's:
 * `redis.subscribe()`.
 *
 * @see https://redis.io/docs/latest/commands/?group=pubsub
 * @module
 */

import type { Arg } from "../resp/reply.ts";
import { addFlat, addGiven, type OneOrMany } from "./arguments.ts";
import { integer, texts } from "./shapes.ts";
import { VectorSetCommands } from "./vector_sets.ts";

/** Commands on channels. */
export abstract class PubSubCommands<B extends string | Uint8Array>
  extends VectorSetCommands<B> {
  /**
   * Publishes `message` to the subscribers of `channel` and returns how many
   * there are; 0 when there are none. In a cluster, only those of the same node
   * count.
   *
   * @see https://redis.io/docs/latest/commands/publish/
   */
  publish(channel: Arg, message: Arg): Promise<number> {
    return this.sendExact(["PUBLISH", channel, message], integer, arguments);
  }

  /**
   * Returns the channels that have subscribers, by name and not by pattern,
   * only those that match `pattern` if there is one; empty when there are none.
   *
   * @see https://redis.io/docs/latest/commands/pubsub-channels/
   */
  pubsubChannels(pattern?: Arg): Promise<B[]> {
    return this.send(addGiven(["PUBSUB", "CHANNELS"], pattern), this.as.values);
  }

  /**
   * Returns the help text of `PUBSUB`, line by line.
   *
   * @see https://redis.io/docs/latest/commands/pubsub-help/
   */
  pubsubHelp(): Promise<string[]> {
    return this.send(["PUBSUB", "HELP"], texts);
  }

  /**
   * Returns the number of patterns that have subscribers, 0 when there are
   * none.
   *
   * @see https://redis.io/docs/latest/commands/pubsub-numpat/
   */
  pubsubNumpat(): Promise<number> {
    return this.send(["PUBSUB", "NUMPAT"], integer);
  }

  /**
   * Returns each channel with the number of its subscribers by name; 0 when
   * there are none.
   *
   * @see https://redis.io/docs/latest/commands/pubsub-numsub/
   */
  pubsubNumsub(...channels: OneOrMany[]): Promise<[B, number][]> {
    return this.send(addFlat(["PUBSUB", "NUMSUB"], channels), this.as.counted);
  }

  /**
   * Returns the sharded channels that have subscribers, only those that match
   * `pattern` if there is one; empty when there are none.
   *
   * @see https://redis.io/docs/latest/commands/pubsub-shardchannels/
   */
  pubsubShardchannels(pattern?: Arg): Promise<B[]> {
    return this.send(
      addGiven(["PUBSUB", "SHARDCHANNELS"], pattern),
      this.as.values,
    );
  }

  /**
   * Returns each sharded channel with the number of its subscribers; 0 when
   * there are none.
   *
   * @see https://redis.io/docs/latest/commands/pubsub-shardnumsub/
   */
  pubsubShardnumsub(...channels: OneOrMany[]): Promise<[B, number][]> {
    return this.send(
      addFlat(["PUBSUB", "SHARDNUMSUB"], channels),
      this.as.counted,
    );
  }

  /**
   * Publishes `message` to the subscribers of the sharded channel and returns
   * how many there are; 0 when there are none.
   *
   * @see https://redis.io/docs/latest/commands/spublish/
   */
  spublish(channel: Arg, message: Arg): Promise<number> {
    return this.sendExact(["SPUBLISH", channel, message], integer, arguments);
  }
}
