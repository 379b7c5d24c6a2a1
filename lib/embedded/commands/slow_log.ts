/**
 * SLOWLOG and LATENCY: commands and events that took long.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { err } from "../base/errors.ts";
import { parseInteger } from "../base/numbers.ts";
import { help } from "./help.ts";

const SLOWLOG_HELP = [
  "GET [<count>]",
  "    Return top <count> entries from the slowlog (default: 10, -1 mean all).",
  "    Entries are made of:",
  "    id, timestamp, time in microseconds, arguments array, client IP and port,",
  "    client name",
  "LEN",
  "    Return the length of the slowlog.",
  "RESET",
  "    Reset the slowlog.",
];

const LATENCY_HELP = [
  "DOCTOR",
  "    Return a human readable latency analysis report.",
  "GRAPH <event>",
  "    Return an ASCII latency graph for the <event> class.",
  "HISTORY <event>",
  "    Return time-latency samples for the <event> class.",
  "LATEST",
  "    Return the latest latency samples for all events.",
  "RESET [<event> ...]",
  "    Reset latency data of one or more <event> classes.",
  "    (default: reset all data for all event classes)",
  "HISTOGRAM [COMMAND ...]",
  "    Return a cumulative distribution of latencies in the format of a histogram for the specified command names.",
  "    If no commands are specified then all histograms are replied.",
];

const DISABLED =
  `I'm sorry, Dave, I can't do that. Latency monitoring is disabled in this Redis instance. You may use "CONFIG SET latency-monitor-threshold <milliseconds>." in order to enable it. If we weren't in a deep space mission I'd suggest to take a look at https://redis.io/topics/latency-monitor.\n`;

/** The commands of this family. */
export const SLOWLOG: readonly CommandSpec[] = [
  {
    name: "SLOWLOG",
    subcommands: [
      {
        name: "GET",
        run: get,
      },
      {
        name: "HELP",
        run: help("SLOWLOG", SLOWLOG_HELP),
      },
      {
        name: "LEN",
        run: ({ core, reply }) => reply.integer(core.slowLog.entries.length),
      },
      {
        name: "RESET",
        run: reset,
      },
    ],
  },
  {
    name: "LATENCY",
    subcommands: [
      {
        name: "DOCTOR",
        run: ({ reply }) => reply.verbatim("txt", DISABLED),
      },
      {
        name: "GRAPH",
        run: graph,
      },
      {
        name: "HELP",
        run: help("LATENCY", LATENCY_HELP),
      },
      {
        name: "HISTOGRAM",
        run: histogram,
      },
      {
        name: "HISTORY",
        run: history,
      },
      {
        name: "LATEST",
        run: latest,
      },
      {
        name: "RESET",
        run: resetLatency,
      },
    ],
  },
];

function get({ core, reply }: Session, args: string[]): void {
  const count = args.length > 2 ? parseInteger(args[2]!) : 10n;
  if (count === null || count < -1) {
    throw err("count should be greater than or equal to -1");
  }
  const { entries } = core.slowLog;
  const shown = count < 0 ? entries : entries.slice(0, Number(count));
  reply.array(shown.length);
  for (const { id, time, usec, args, address, name } of shown) {
    reply.array(6);
    reply.integer(id);
    reply.integer(time);
    reply.integer(usec);
    reply.bulks(args);
    reply.bulk(address);
    reply.bulk(name);
  }
}

function reset({ core, reply }: Session): void {
  core.slowLog.entries = [];
  reply.ok();
}

function history({ core, reply }: Session, [, , event]: string[]): void {
  const samples = core.latency.events.get(event!)?.samples ?? [];
  reply.array(samples.length);
  for (const { time, latency } of samples) {
    reply.array(2);
    reply.integer(time);
    reply.integer(latency);
  }
}

function latest({ core, reply }: Session): void {
  const { events } = core.latency;
  reply.array(events.size);
  for (const [event, { samples, longest }] of events) {
    const { time, latency } = samples.at(-1)!;
    reply.array(4);
    reply.bulk(event);
    reply.integer(time);
    reply.integer(latency);
    reply.integer(longest);
  }
}

function resetLatency({ core, reply }: Session, args: string[]): void {
  const { events } = core.latency;
  const names = args.length > 2 ? args.slice(2) : [...events.keys()];
  reply.integer(names.filter((name) => events.delete(name)).length);
}

const ROWS = 4;

/** LATENCY GRAPH: one bar per spike; Redis uses other characters. */
function graph({ core, reply }: Session, [, , event]: string[]): void {
  const spikes = core.latency.events.get(event!);
  if (spikes === undefined) {
    throw err(`No samples available for event '${event}'`);
  }
  const values = spikes.samples.map(({ latency }) => latency);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const lines = [
    `${event} - high ${high} ms, low ${low} ms (all time high ${spikes.longest} ms)`,
    "-".repeat(80),
  ];
  for (let row = ROWS; row > 0; row--) {
    lines.push(
      values.map((value) => value * ROWS > high * (row - 1) ? "#" : " ")
        .join(""),
    );
  }
  reply.verbatim("txt", `${lines.join("\n")}\n`);
}

/** LATENCY HISTOGRAM: cumulative counts of calls by powers of two of microseconds. */
function histogram({ core, reply }: Session, args: string[]): void {
  const wanted = args.slice(2).map((name) => name.toLowerCase());
  const found = [...core.commands.all()].filter(({ name, calls }) =>
    calls > 0 && (wanted.length === 0 ||
      wanted.some((word) => name === word || name.startsWith(`${word}|`)))
  );
  reply.map(found.length);
  for (const { name, calls, durations } of found) {
    const counts: [number, number][] = [];
    let sum = 0;
    for (const [power, count] of durations.entries()) {
      sum += count;
      if (count > 0) counts.push([2 ** power, sum]);
    }
    reply.bulk(name);
    reply.map(2);
    reply.bulk("calls");
    reply.integer(calls);
    reply.bulk("histogram_usec");
    reply.map(counts.length);
    for (const [usec, upTo] of counts) {
      reply.integer(usec);
      reply.integer(upTo);
    }
  }
}
