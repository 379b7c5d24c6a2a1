/**
 * The inside of the module: its threads, collectors and timers. For tests and
 * debugging.
 *
 * @module
 */

import type { Arg } from "../../resp/reply.ts";
import { addGiven, addWord, subcommands } from "../arguments.ts";
import { integer, ok, text, texts } from "../shapes.ts";
import { asIs, exact, list, shape, textOf } from "../parsers.ts";
import { ModuleCommands } from "./module.ts";
import { byName } from "./shapes.ts";

/** What is done to the scanner that indexes documents which were there already. */
export type ScanAction =
  | "set_max_scanned_docs"
  | "set_pause_on_scanned_docs"
  | "set_bg_index_resume"
  | "get_debug_scanner_status"
  | "set_pause_before_scan"
  | "set_pause_on_oom"
  | "terminate_bg_pool"
  | "set_pause_before_oom_retry"
  | "debug_scanner_update_config";

/** What to watch in an index; options that are left out stay unchanged. */
export interface ExpirationMonitor {
  /** Whether documents that expire are watched. */
  documents?: boolean;
  /** Whether fields that expire are watched. */
  fields?: boolean;
}

/** Numbers by the names that the server gives them. */
export const counts = shape<Record<string, number>>(byName(exact));

/** `"DONE"`, the only reply of what waits for an end. */
const done = shape<"DONE">(asIs);

const states = shape(byName((reply) => list(reply).map(textOf)));

type Answer = "OK" | number | Record<string, number>;

const answer = shape((reply): Answer =>
  Array.isArray(reply) ? counts.parse(reply) : asIs(reply)
);

const asked = shape<"OK" | number | string[]>(asIs);

/** The words of a diagnostic command. */
export const debug: (...words: Arg[]) => Arg[] = subcommands("_FT.DEBUG");

/** Commands on the inside of the module that name no part of an index. */
export abstract class SearchDebugControlCommands<B extends string | Uint8Array>
  extends ModuleCommands<B> {
  /**
   * Tells the scanner of new indexes where to stop, and returns `"OK"` or its
   * status; `value` is a number, `"true"`, `"false"` or an index, as the action
   * wants it. Fails when an index is named that does not exist.
   */
  bgScanController(action: ScanAction, value?: Arg): Promise<string> {
    const words = addWord(debug("BG_SCAN_CONTROLLER"), action);
    return this.send(addGiven(words, value), text);
  }

  /** Forgets changes of the cluster that wait. */
  clearPendingTopology(): Promise<"OK"> {
    return this.#ok("CLEAR_PENDING_TOPOLOGY");
  }

  /** Pauses or resumes the threads that ask other servers. */
  coordThreads(action: "pause" | "resume"): Promise<"OK">;
  /** Returns 1 when the threads that ask other servers are paused, 0 otherwise. */
  coordThreads(action: "is_paused"): Promise<number>;
  /** Returns what the threads that ask other servers have done and have to do. */
  coordThreads(action: "stats"): Promise<Record<string, number>>;
  coordThreads(action: string): Promise<Answer> {
    return this.send(addWord(debug("COORD_THREADS"), action), answer);
  }

  /** Forgets all cursors of this server. */
  deleteLocalCursors(): Promise<"OK"> {
    return this.#ok("DELETE_LOCAL_CURSORS");
  }

  /**
   * Deletes empty parts of a numeric field's tree. Fails when the index or the
   * field does not exist.
   */
  gcCleanNumeric(index: Arg, field: Arg): Promise<"OK"> {
    return this.#ok("GC_CLEAN_NUMERIC", index, field);
  }

  /**
   * Resumes the garbage collector of an index. Fails when it does, or when the
   * index does not exist.
   */
  gcContinueSchedule(index: Arg): Promise<"OK"> {
    return this.#ok("GC_CONTINUE_SCHEDULE", index);
  }

  /**
   * Collects what an index does not need, in the background. Fails when the index
   * does not exist.
   */
  gcForcebginvoke(index: Arg): Promise<"OK"> {
    return this.#ok("GC_FORCEBGINVOKE", index);
  }

  /**
   * Collects what an index does not need, and waits: this many milliseconds at
   * most, 30,000 unless told otherwise, which the commands behind it on the
   * same connection wait too. Fails after that, and when the index does not
   * exist.
   */
  gcForceinvoke(index: Arg, timeout?: number): Promise<"DONE"> {
    return this.send(addGiven(debug("GC_FORCEINVOKE", index), timeout), done);
  }

  /**
   * Stops the collector of an index from running on its own. Fails when the index
   * does not exist.
   */
  gcStopSchedule(index: Arg): Promise<"OK"> {
    return this.#ok("GC_STOP_SCHEDULE", index);
  }

  /**
   * Waits until all requested collections are done. Later commands on the same
   * connection wait too.
   */
  gcWaitForJobs(): Promise<"DONE"> {
    return this.send(debug("GC_WAIT_FOR_JOBS"), done);
  }

  /** Returns 1 when the user's data stay out of the server's log, 0 otherwise. */
  getHideUserDataFromLogs(): Promise<number> {
    return this.send(debug("GET_HIDE_USER_DATA_FROM_LOGS"), integer);
  }

  /** Returns the commit that the module was built from. */
  gitSha(): Promise<string> {
    return this.send(debug("GIT_SHA"), text);
  }

  /** Returns the names of these commands. */
  help(): Promise<string[]> {
    return this.send(debug("HELP"), texts);
  }

  /** Stops looking for changes of the cluster. Fails when that is stopped. */
  pauseTopologyUpdater(): Promise<"OK"> {
    return this.#ok("PAUSE_TOPOLOGY_UPDATER");
  }

  /** Resumes the paused query. Fails when none is. */
  queryController(action: "set_pause_rp_resume"): Promise<"OK">;
  /** Returns 1 when a query is paused, 0 when none is. */
  queryController(action: "get_is_rp_paused"): Promise<number>;
  /** Returns the steps of the paused query. Fails when none is. */
  queryController(action: "print_rp_stream"): Promise<string[]>;
  queryController(action: string): Promise<"OK" | number | string[]> {
    return this.send(addWord(debug("QUERY_CONTROLLER"), action), asked);
  }

  /** Looks for changes of the cluster again. Fails when that was not stopped. */
  resumeTopologyUpdater(): Promise<"OK"> {
    return this.#ok("RESUME_TOPOLOGY_UPDATER");
  }

  /** Sets how many indexes there may be. */
  setMaxIndexes(max: number): Promise<"OK"> {
    return this.#ok("SET_MAX_INDEXES", max);
  }

  /**
   * Watches documents or fields of an index for their expiry, or stops that. Fails
   * when the index does not exist.
   */
  setMonitorExpiration(
    index: Arg,
    options: ExpirationMonitor,
  ): Promise<"OK"> {
    const words = debug("SET_MONITOR_EXPIRATION", index);
    for (const [name, on] of Object.entries(options)) {
      if (on !== undefined) addWord(words, on ? name : `not-${name}`);
    }
    return this.send(words, ok);
  }

  /** Returns the states of the connections to the servers of the cluster. */
  shardConnectionStates(): Promise<Record<string, string[]>> {
    return this.send(debug("SHARD_CONNECTION_STATES"), states);
  }

  /**
   * Returns in how many seconds a temporary index is deleted. Fails when the index
   * is not temporary, or does not exist.
   */
  ttl(index: Arg): Promise<number> {
    return this.send(debug("TTL", index), integer);
  }

  /**
   * Deletes a temporary index now. Fails when the index is not temporary, or does
   * not exist.
   */
  ttlExpire(index: Arg): Promise<"OK"> {
    return this.#ok("TTL_EXPIRE", index);
  }

  /**
   * Keeps a temporary index until it is used again. Fails when the index is not
   * temporary, or does not exist.
   */
  ttlPause(index: Arg): Promise<"OK"> {
    return this.#ok("TTL_PAUSE", index);
  }

  /**
   * Pauses or resumes the threads that do the module's work; `"drain"` waits
   * until nothing is left, and blocks all clients.
   */
  workers(action: "pause" | "resume" | "drain"): Promise<"OK">;
  /** Returns how many threads do the module's work. */
  workers(action: "n_threads"): Promise<number>;
  /** Returns what the threads have done and have to do. */
  workers(action: "stats"): Promise<Record<string, number>>;
  workers(action: string): Promise<Answer> {
    return this.send(addWord(debug("WORKERS"), action), answer);
  }

  #ok(...words: Arg[]): Promise<"OK"> {
    return this.send(debug(...words), ok);
  }
}
