/**
 * Publishing, and who listens. Subscribing is the client's: `redis.subscribe()`.
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
   * Sends `message` to all who listen to `channel` and returns how many they are;
   * 0 when nobody does. In a cluster, only those of the same node count.
   *
   * @see https://redis.io/docs/latest/commands/publish/
   */
  publish(channel: Arg, message: Arg): Promise<number> {
    return this.send(["PUBLISH", channel, message], integer);
  }

  /**
   * Returns the channels that somebody listens to, by name and not by pattern,
   * only those that match `pattern` if there is one; none when nobody does.
   *
   * @see https://redis.io/docs/latest/commands/pubsub-channels/
   */
  pubsubChannels(pattern?: Arg): Promise<B[]> {
    return this.send(addGiven(["PUBSUB", "CHANNELS"], pattern), this.as.values);
  }

  /**
   * Returns what `PUBSUB` can do, as lines for people.
   *
   * @see https://redis.io/docs/latest/commands/pubsub-help/
   */
  pubsubHelp(): Promise<string[]> {
    return this.send(["PUBSUB", "HELP"], texts);
  }

  /**
   * Returns the number of patterns that somebody listens to, 0 when nobody does.
   *
   * @see https://redis.io/docs/latest/commands/pubsub-numpat/
   */
  pubsubNumpat(): Promise<number> {
    return this.send(["PUBSUB", "NUMPAT"], integer);
  }

  /**
   * Returns each channel with the number of those who listen to it by name; 0
   * when nobody does.
   *
   * @see https://redis.io/docs/latest/commands/pubsub-numsub/
   */
  pubsubNumsub(...channels: OneOrMany[]): Promise<[B, number][]> {
    return this.send(addFlat(["PUBSUB", "NUMSUB"], channels), this.as.counted);
  }

  /**
   * Returns the sharded channels that somebody listens to, only those that match
   * `pattern` if there is one; none when nobody does.
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
   * Returns each sharded channel with the number of those who listen to it; 0
   * when nobody does.
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
   * Sends `message` to all who listen to the sharded channel and returns how many
   * they are; 0 when nobody does.
   *
   * @see https://redis.io/docs/latest/commands/spublish/
   */
  spublish(channel: Arg, message: Arg): Promise<number> {
    return this.send(["SPUBLISH", channel, message], integer);
  }
}
