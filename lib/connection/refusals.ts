/**
 * What becomes of a command when the server's answer means: not executed.
 *
 * | code | the command | its connection |
 * | --- | --- | --- |
 * | LOADING, MASTERDOWN, TRYAGAIN, CLUSTERDOWN | is sent again after the backoff, `retries` times | is kept |
 * | READONLY | is rejected | is replaced: its name may lead to the new master by now |
 * | BUSY and any other | is rejected | is kept |
 *
 * On leases, in batches and in transactions every command is rejected; so are
 * scripts, which answer what they like and may have written before.
 *
 * @module
 */

import type { ReplyError } from "../errors.ts";
import { CommandSlot, type Slot } from "./command.ts";

const AGAIN = /^(LOADING|MASTERDOWN|TRYAGAIN|CLUSTERDOWN)$/;
const SCRIPT = /^(eval|fcall)/i;

/** Whether the command of the slot was not executed, and may be later. */
export function passes(slot: Slot, { code }: ReplyError): boolean {
  return AGAIN.test(code) && slot instanceof CommandSlot &&
    slot.retry !== false && !SCRIPT.test(slot.title);
}

/** Whether the connection is to be replaced. */
export function replaces({ code }: ReplyError): boolean {
  return code === "READONLY";
}
