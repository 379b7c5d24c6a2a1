/**
 * The whole vocabulary: the end of the chain of families.
 *
 * @module
 */

import { BloomCommands } from "./modules/bloom.ts";
import { CountMinCommands } from "./modules/count_min.ts";
import { CuckooCommands } from "./modules/cuckoo.ts";
import { JsonCommands } from "./modules/json.ts";
import { SearchCommands } from "./modules/search.ts";
import { TDigestCommands } from "./modules/tdigest.ts";
import { TimeSeriesCommands } from "./modules/time_series.ts";
import { TopKCommands } from "./modules/topk.ts";
import { ModuleCommands } from "./modules/module.ts";
import { Sender } from "./sender.ts";
import { ServerCommands } from "./server.ts";
import { refuseSurplus } from "./surplus.ts";

/**
 * Every command, over whatever sends it. Those of the modules that ship inside
 * Redis 8 have a namespace each, such as `json`.
 */
export abstract class Commands<B extends string | Uint8Array>
  extends ServerCommands<B> {
  /** Commands on Bloom filters. */
  get bf(): BloomCommands<B> {
    return new BloomCommands(this, this.as);
  }

  /** Commands on cuckoo filters. */
  get cf(): CuckooCommands<B> {
    return new CuckooCommands(this, this.as);
  }

  /** Commands on count-min sketches. */
  get cms(): CountMinCommands<B> {
    return new CountMinCommands(this, this.as);
  }

  /** Commands on JSON documents. */
  get json(): JsonCommands<B> {
    return new JsonCommands(this, this.as);
  }

  /** Commands on indexes of documents. */
  get search(): SearchCommands<B> {
    return new SearchCommands(this, this.as);
  }

  /** Commands on t-digests. */
  get tdigest(): TDigestCommands<B> {
    return new TDigestCommands(this, this.as);
  }

  /** Commands on top-k lists. */
  get topk(): TopKCommands<B> {
    return new TopKCommands(this, this.as);
  }

  /** Commands on time series. */
  get ts(): TimeSeriesCommands<B> {
    return new TimeSeriesCommands(this, this.as);
  }
}

refuseSurplus(Commands.prototype, Sender.prototype);
for (
  const { prototype } of [
    BloomCommands,
    CountMinCommands,
    CuckooCommands,
    JsonCommands,
    SearchCommands,
    TDigestCommands,
    TimeSeriesCommands,
    TopKCommands,
  ]
) refuseSurplus(prototype, ModuleCommands.prototype);
