/**
 * CLIENT TRACKING, CLIENT CACHING and similar commands.
 *
 * @module
 */

import type { Session } from "./host.ts";
import { err, syntaxError } from "../base/errors.ts";
import { toInteger } from "../base/numbers.ts";
import type { Tracked } from "../session/tracked.ts";

/** CLIENT TRACKING ON or OFF. */
export function startOrStop(session: Session, args: string[]): void {
  const { core, reply, tracked } = session;
  const prefixes: string[] = [];
  let redirect = 0;
  let broadcast = false;
  let optIn = false;
  let optOut = false;
  let noLoop = false;
  for (let i = 3; i < args.length; i++) {
    const more = args[i + 1];
    const option = args[i]!.toUpperCase();
    if (option === "REDIRECT" && more !== undefined) {
      if (redirect !== 0) {
        throw err("A client can only redirect to a single other client");
      }
      redirect = toInteger(more);
      if (!core.sessions.has(redirect)) {
        throw err("The client ID you want redirect to does not exist");
      }
      i++;
    } else if (option === "PREFIX" && more !== undefined) {
      prefixes.push(more);
      i++;
    } else if (option === "BCAST") broadcast = true;
    else if (option === "OPTIN") optIn = true;
    else if (option === "OPTOUT") optOut = true;
    else if (option === "NOLOOP") noLoop = true;
    else throw syntaxError();
  }
  switch (args[2]!.toUpperCase()) {
    case "ON":
      break;
    case "OFF":
      core.tracking.stop(session);
      return reply.ok();
    default:
      throw syntaxError();
  }
  if (prefixes.length > 0 && !broadcast) {
    throw err("PREFIX option requires BCAST mode to be enabled");
  }
  if (tracked !== null && tracked.broadcast !== broadcast) {
    throw err(
      "You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a different mode.",
    );
  }
  if (broadcast && (optIn || optOut)) {
    throw err("OPTIN and OPTOUT are not compatible with BCAST");
  }
  if (optIn && optOut) {
    throw err("You can't specify both OPTIN mode and OPTOUT mode");
  }
  if (tracked?.opt === "in" && optOut || tracked?.opt === "out" && optIn) {
    throw err(
      "You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a different mode.",
    );
  }
  const before = tracked?.prefixes ?? [];
  checkOverlap(before, prefixes);
  const next: Tracked = {
    redirect,
    broadcast,
    prefixes: broadcast ? [...new Set([...before, ...prefixes])] : [],
    opt: optIn ? "in" : optOut ? "out" : null,
    noLoop,
    caching: null,
    broken: false,
  };
  core.tracking.start(session, next);
  reply.ok();
}

/** Refuses overlapping prefixes: a key would be invalidated twice. */
function checkOverlap(before: readonly string[], added: string[]): void {
  const overlap = (a: string, b: string) => a.startsWith(b) || b.startsWith(a);
  for (const [at, prefix] of added.entries()) {
    const known = before.find((other) => overlap(other, prefix));
    if (known !== undefined) {
      throw err(
        `Prefix '${prefix}' overlaps with an existing prefix '${known}'. Prefixes for a single client must not overlap.`,
      );
    }
    const other = added.slice(at + 1).find((other) => overlap(other, prefix));
    if (other !== undefined) {
      throw err(
        `Prefix '${prefix}' overlaps with another provided prefix '${other}'. Prefixes for a single client must not overlap.`,
      );
    }
  }
}

/** CLIENT CACHING: for the next command only. */
export function caching(session: Session, [, , word]: string[]): void {
  const { tracked, reply } = session;
  if (tracked === null) {
    throw err(
      "CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled",
    );
  }
  const yes = word!.toUpperCase() === "YES";
  if (!yes && word!.toUpperCase() !== "NO") throw syntaxError();
  if (yes && tracked.opt !== "in") {
    throw err(
      "CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.",
    );
  }
  if (!yes && tracked.opt !== "out") {
    throw err(
      "CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.",
    );
  }
  tracked.caching = yes;
  reply.ok();
}

/** CLIENT TRACKINGINFO. */
export function trackingInfo({ tracked, reply }: Session): void {
  const flags = [tracked === null ? "off" : "on"];
  if (tracked !== null) {
    const { broadcast, opt, caching, noLoop, broken } = tracked;
    if (broadcast) flags.push("bcast");
    if (opt !== null) flags.push(`opt${opt}`);
    if (caching === true) flags.push("caching-yes");
    if (caching === false) flags.push("caching-no");
    if (noLoop) flags.push("noloop");
    if (broken) flags.push("broken_redirect");
  }
  reply.map(3);
  reply.bulk("flags");
  reply.set(flags.length);
  for (const flag of flags) reply.bulk(flag);
  reply.bulk("redirect");
  reply.integer(tracked?.redirect ?? -1);
  reply.bulk("prefixes");
  reply.bulks(tracked?.prefixes ?? []);
}
