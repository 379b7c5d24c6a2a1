/**
 * The files of a server, all in one directory.
 *
 * @module
 */

/** A directory; methods take the names of its files. */
export class Disk {
  readonly #directory: string;

  /** Opens a directory, which must exist. */
  constructor(directory: string) {
    if (!isDirectory(directory)) {
      throw new TypeError(
        `Cannot keep data in "${directory}": it is not a directory`,
      );
    }
    this.#directory = directory;
  }

  /** Makes a subdirectory, unless it exists. */
  makeDirectory(name: string): void {
    Deno.mkdirSync(this.#path(name), { recursive: true });
    syncDirectory(this.#directory);
  }

  /** The bytes of a file; `null` when it does not exist. */
  read(name: string): Uint8Array<ArrayBuffer> | null {
    try {
      return Deno.readFileSync(this.#path(name));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return null;
      throw error;
    }
  }

  /** As {@linkcode Disk.read}, while other things go on. */
  async readLater(name: string): Promise<Uint8Array<ArrayBuffer> | null> {
    try {
      return await Deno.readFile(this.#path(name));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return null;
      throw error;
    }
  }

  /** How many bytes a file has; `null` when there is none. */
  size(name: string): number | null {
    try {
      return Deno.statSync(this.#path(name)).size;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return null;
      throw error;
    }
  }

  /** Opens a file for appending; creates it when it does not exist. */
  append(name: string): AppendFile {
    const path = this.#path(name);
    const file = Deno.openSync(path, { append: true, create: true });
    syncDirectory(parentOf(path));
    return new AppendFile(file);
  }

  /** Replaces a file atomically: readers see the old or the new one, never a part. */
  replace(name: string, chunks: Iterable<Uint8Array>): void {
    const path = this.#path(name);
    const temporary = `${path}.temp`;
    try {
      using file = Deno.openSync(temporary, WRITE);
      for (const chunk of chunks) writeAll(file, chunk);
      file.syncSync();
    } catch (error) {
      this.#forget(temporary);
      throw error;
    }
    Deno.renameSync(temporary, path);
    syncDirectory(parentOf(path));
  }

  /**
   * As {@linkcode Disk.replace}, but asynchronous; `chunks` may come slowly. Throws
   * and keeps the old file when `isWanted` is false at the end. Returns the size of
   * the new file in bytes.
   */
  async replaceLater(
    name: string,
    chunks: AsyncIterable<Uint8Array>,
    isWanted: () => boolean = () => true,
  ): Promise<number> {
    const path = this.#path(name);
    // Its own temporary name: `replace` may replace the same file meanwhile.
    const temporary = `${path}.later`;
    let size = 0;
    try {
      using file = await Deno.open(temporary, WRITE);
      for await (const chunk of chunks) {
        for (let at = 0; at < chunk.length;) {
          at += await file.write(chunk.subarray(at));
        }
        size += chunk.length;
      }
      await file.sync();
      if (!isWanted()) throw new Error("Something newer was written");
    } catch (error) {
      this.#forget(temporary);
      throw error;
    }
    Deno.renameSync(temporary, path);
    syncDirectory(parentOf(path));
    return size;
  }

  /** Moves a file. */
  rename(from: string, to: string): void {
    Deno.renameSync(this.#path(from), this.#path(to));
    syncDirectory(this.#directory);
  }

  /** Removes a file, if it exists. */
  remove(name: string): void {
    this.#forget(this.#path(name));
  }

  #path(name: string): string {
    return `${this.#directory}/${name}`;
  }

  #forget(path: string): void {
    try {
      Deno.removeSync(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

/** A file opened for appending. */
export class AppendFile {
  readonly #file: Deno.FsFile;
  #size: number;

  /** Wraps an open file. */
  constructor(file: Deno.FsFile) {
    this.#file = file;
    this.#size = file.statSync().size;
  }

  /** The size in bytes. */
  get size(): number {
    return this.#size;
  }

  /** Appends bytes: all of them, or none when that fails. */
  write(bytes: Uint8Array): void {
    try {
      writeAll(this.#file, bytes);
    } catch (error) {
      // A partial write would make the rest of the file unreadable.
      this.#file.truncateSync(this.#size);
      throw error;
    }
    this.#size += bytes.length;
  }

  /** Truncates the file to a size. */
  truncate(size: number): void {
    this.#file.truncateSync(size);
    this.#size = size;
  }

  /** Blocks until all bytes are on the disk. */
  sync(): void {
    this.#file.syncDataSync();
  }

  /** As {@linkcode AppendFile.sync}, but asynchronous. */
  async syncLater(): Promise<void> {
    await this.#file.syncData();
  }

  /** Closes the file. */
  close(): void {
    this.#file.close();
  }
}

const WRITE: Deno.OpenOptions = { write: true, create: true, truncate: true };

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}

/** Flushes a directory's entries to the disk. */
function syncDirectory(path: string): void {
  // Windows cannot sync a directory.
  if (Deno.build.os === "windows") return;
  using directory = Deno.openSync(path);
  directory.syncSync();
}

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

/** Why the system refused an operation, in its own words. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message.replace(/ \(os error \d+\).*$/, "");
}
