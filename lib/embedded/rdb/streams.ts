/**
 * Streams as RDB files and DUMP payloads hold them: listpacks of entries, then
 * the consumer groups.
 *
 * @module
 */

import { Stream } from "../values/stream.ts";
import { Producers } from "../values/stream_producers.ts";
import {
  byName,
  Consumer,
  Group,
  type Pending,
  type PendingList,
} from "../values/stream_group.ts";
import {
  FIRST_ID,
  idBytes,
  LAST_ID,
  type Part,
  type StreamId,
  toPart,
} from "../values/stream_id.ts";
import { RdbReader, readListpack } from "./reader.ts";
import { type RdbWriter, writeListpack } from "./writer.ts";

/** Flags of an entry in a listpack. */
const DELETED = 1;
const SAME_FIELDS = 2;

/** `stream-node-max-entries` */
const NODE_ENTRIES = 100;
/** `stream-node-max-bytes` */
const NODE_BYTES = 4096;

/**
 * How a stream is stored: 1 as of Redis 5, 2 as of Redis 7.0, 3 as of Redis 7.2,
 * 4 as of Redis 8.6.
 */
type Form = 1 | 2 | 3 | 4;

/** Reads a stream. */
export function readStream(reader: RdbReader, form: Form): Stream {
  const stream = new Stream();
  for (let left = reader.length(); left > 0; left--) {
    const key = readIdBytes(new RdbReader(reader.stringBytes()));
    readNode(stream, key, readListpack(reader.stringBytes()));
  }
  if (reader.length() !== stream.length) {
    throw new Error("The RDB file has a stream with a wrong length");
  }
  stream.lastId = readId(reader);
  stream.entriesAdded = stream.length;
  if (form > 1) {
    // The id of the first entry: redundant, as the entries follow.
    readId(reader);
    stream.maxDeletedId = readId(reader);
    stream.entriesAdded = reader.length();
  }
  for (let left = reader.length(); left > 0; left--) {
    const group = readGroup(reader, stream, form);
    stream.groups.set(group.name, group);
  }
  if (form > 3) readProducers(reader, stream.producers);
  return stream;
}

/** Writes a stream as Redis 7.0 does, and what only Redis 8.6 knows behind it. */
export function writeStream(writer: RdbWriter, stream: Stream): void {
  const nodes = nodesOf(stream);
  writer.count(nodes.length);
  for (const entries of nodes) {
    writer.string(idBytes(entries[0]!.id));
    writer.stringBytes(writeListpack(nodeStrings(entries)));
  }
  writer.count(stream.length);
  writeId(writer, stream.lastId);
  writeId(writer, stream.firstId);
  writeId(writer, stream.maxDeletedId);
  writer.count(stream.entriesAdded);
  writer.count(stream.groups.size);
  for (const group of byName(stream.groups)) writeGroup(writer, group);
  if (!stream.producers.isPlain) writeProducers(writer, stream.producers);
}

function readProducers(reader: RdbReader, producers: Producers): void {
  const duration = reader.length();
  producers.configure(duration, reader.length());
  for (let left = reader.length(); left > 0; left--) {
    const producer = reader.string();
    for (let left = reader.length(); left > 0; left--) {
      const message = reader.string();
      producers.record(producer, message, readId(reader));
    }
  }
  producers.added = reader.length();
  producers.duplicates = reader.length();
  Producers.used = true;
}

function writeProducers(writer: RdbWriter, producers: Producers): void {
  writer.count(producers.duration);
  writer.count(producers.maxSize);
  const all = producers.all(Date.now());
  writer.count(all.length);
  for (const [producer, entries] of all) {
    writer.string(producer);
    writer.count(entries.size);
    for (const [message, id] of entries) {
      writer.string(message);
      writeId(writer, id);
    }
  }
  writer.count(producers.added);
  writer.count(producers.duplicates);
}

interface Entry {
  readonly id: StreamId;
  readonly pairs: readonly string[];
}

/** Groups the entries by the listpack that will hold them. */
function nodesOf(stream: Stream): Entry[][] {
  const nodes: Entry[][] = [];
  let node: Entry[] = [];
  let bytes = 0;
  stream.each(FIRST_ID, LAST_ID, (id, pairs) => {
    const size = pairs.reduce((sum, text) => sum + text.length, 0);
    if (node.length === NODE_ENTRIES || bytes + size > NODE_BYTES) node = [];
    if (node.length === 0) {
      nodes.push(node);
      bytes = 0;
    }
    node.push({ id, pairs });
    bytes += size;
  });
  return nodes;
}

/** The strings of a listpack: the first entry's fields, then all entries. */
function nodeStrings(entries: readonly Entry[]): string[] {
  const { id: key, pairs } = entries[0]!;
  const fields = pairs.filter((_, i) => i % 2 === 0);
  const strings = [`${entries.length}`, "0", `${fields.length}`, ...fields];
  strings.push("0");
  for (const { id, pairs } of entries) {
    const same = pairs.length === fields.length * 2 &&
      fields.every((field, i) => field === pairs[i * 2]);
    const start = strings.length;
    strings.push(
      `${same ? SAME_FIELDS : 0}`,
      distance(id.ms, key.ms),
      distance(id.seq, key.seq),
    );
    if (!same) strings.push(`${pairs.length / 2}`);
    for (let i = same ? 1 : 0; i < pairs.length; i += same ? 2 : 1) {
      strings.push(pairs[i]!);
    }
    // The number of the entry's strings, for reading backwards.
    strings.push(`${strings.length - start}`);
  }
  return strings;
}

function readNode(
  stream: Stream,
  key: StreamId,
  strings: readonly string[],
): void {
  let at = 0;
  const next = () => {
    const text = strings[at++];
    if (text === undefined) throw corrupt();
    return text;
  };
  const entries = Number(next()) + Number(next());
  const fields = Array.from({ length: Number(next()) }, next);
  next();
  for (let i = 0; i < entries; i++) {
    const flags = Number(next());
    const id = {
      ms: plus(key.ms, next()),
      seq: plus(key.seq, next()),
    };
    const pairs: string[] = [];
    if ((flags & SAME_FIELDS) !== 0) {
      for (const field of fields) pairs.push(field, next());
    } else {
      for (let left = Number(next()) * 2; left > 0; left--) pairs.push(next());
    }
    next();
    if ((flags & DELETED) === 0) stream.add(id, pairs);
  }
}

function readGroup(reader: RdbReader, stream: Stream, form: Form): Group {
  const name = reader.string();
  const lastId = readId(reader);
  let entriesRead = BigInt(stream.countUpTo(lastId));
  if (form > 1) {
    entriesRead = BigInt.asIntN(64, reader.longLength());
  }
  const group = new Group(name, lastId, entriesRead);
  const delivered = new Map<string, Omit<Pending, "consumer">>();
  for (let left = reader.length(); left > 0; left--) {
    const id = readIdBytes(reader);
    const deliveredAt = Number(reader.int64());
    const deliveries = reader.length();
    delivered.set(idBytes(id), { id, deliveredAt, deliveries });
  }
  for (let left = reader.length(); left > 0; left--) {
    const name = reader.string();
    const seenAt = Number(reader.int64());
    const activeAt = form > 2 ? Number(reader.int64()) : seenAt;
    const consumer = new Consumer(name, seenAt, activeAt);
    group.consumers.set(consumer.name, consumer);
    for (let left = reader.length(); left > 0; left--) {
      const entry = delivered.get(idBytes(readIdBytes(reader)));
      if (entry === undefined) throw corrupt();
      const pending = { ...entry, consumer };
      group.pending.add(pending);
      consumer.pending.add(pending);
    }
  }
  if (group.pending.size !== delivered.size) throw corrupt();
  return group;
}

function writeGroup(writer: RdbWriter, group: Group): void {
  writer.string(group.name);
  writeId(writer, group.lastId);
  writer.longCount(BigInt.asUintN(64, group.entriesRead));
  writePending(writer, group.pending, true);
  writer.count(group.consumers.size);
  for (const { name, seenAt, pending } of byName(group.consumers)) {
    writer.string(name);
    writer.int64(BigInt(seenAt));
    writePending(writer, pending, false);
  }
}

function writePending(
  writer: RdbWriter,
  list: PendingList,
  whole: boolean,
): void {
  writer.count(list.size);
  list.each(({ id, deliveredAt, deliveries }) => {
    writer.text(idBytes(id));
    if (!whole) return;
    writer.int64(BigInt(deliveredAt));
    writer.count(deliveries);
  });
}

function readIdBytes(reader: RdbReader): StreamId {
  const ms = toPart(reader.uint64BigEndian());
  return { ms, seq: toPart(reader.uint64BigEndian()) };
}

function readId(reader: RdbReader): StreamId {
  const ms = toPart(reader.longLength());
  return { ms, seq: toPart(reader.longLength()) };
}

function writeId(writer: RdbWriter, { ms, seq }: StreamId): void {
  writer.longCount(BigInt(ms));
  writer.longCount(BigInt(seq));
}

/** The difference of a part to the key's, as the signed integer that is stored. */
function distance(part: Part, from: Part): string {
  return String(BigInt.asIntN(64, BigInt(part) - BigInt(from)));
}

function plus(part: Part, distance: string): Part {
  return toPart(BigInt.asUintN(64, BigInt(part) + BigInt(distance)));
}

function corrupt(): Error {
  return new Error("The RDB file has a stream that is corrupt");
}
