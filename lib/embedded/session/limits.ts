/**
 * How large a client may make things.
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
  /** What a command may be. */
  readonly request: RequestLimits = { ...DEFAULT_LIMITS };
  /** The bytes of commands that a session may send ahead. */
  query: number;
  /** The longest that SETRANGE, APPEND and SETBIT may make a string, in bytes. */
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
