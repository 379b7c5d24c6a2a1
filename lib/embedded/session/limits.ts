/**
 * Limits on the size of a client's commands and strings.
 *
 * @module
 */

import { LONGEST_STRING } from "../../resp/binary.ts";
import {
  DEFAULT_LIMITS,
  type RequestLimits,
} from "../../resp/request_decoder.ts";
import type { Config } from "../base/config.ts";

/** The limits that CONFIG SET changes. */
export class Limits {
  /** The limits of one command. */
  readonly request: RequestLimits = { ...DEFAULT_LIMITS };
  /** The most bytes in the query buffer: received, but not executed. */
  query: number;
  /** The longest string that SETRANGE, APPEND and SETBIT may produce, in bytes. */
  string: number;

  /** Follows a configuration. */
  constructor(config: Config) {
    this.query = config.number("client-query-buffer-limit");
    config.onSet("client-query-buffer-limit", (value) => {
      this.query = Number(value);
    });
    this.string = config.number("proto-max-bulk-len");
    config.onSet("proto-max-bulk-len", (value) => {
      this.string = Number(value);
      this.request.bulk = Math.min(this.string, LONGEST_STRING);
    });
  }
}
