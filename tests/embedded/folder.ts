/**
 * A temporary directory for a test.
 *
 * @module
 */

import { resolve } from "node:path";
import { TMP } from "../support/paths.ts";

/** A directory that is removed on disposal. */
export class Folder implements AsyncDisposable {
  /** Its path. */
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Makes an empty directory. */
  static async make(): Promise<Folder> {
    await Deno.mkdir(TMP, { recursive: true });
    const path = await Deno.makeTempDir({ dir: TMP, prefix: "data-" });
    return new Folder(resolve(path));
  }

  /** The bytes of a file. */
  read(name: string): Promise<Uint8Array<ArrayBuffer>> {
    return Deno.readFile(`${this.path}/${name}`);
  }

  /** Writes a file, and creates its parent directories. */
  async write(name: string, content: Uint8Array | string): Promise<void> {
    const path = `${this.path}/${name}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    if (typeof content === "string") await Deno.writeTextFile(path, content);
    else await Deno.writeFile(path, content);
  }

  /** The names of the files in a subdirectory, sorted. */
  async list(name = "."): Promise<string[]> {
    const names: string[] = [];
    for await (const entry of Deno.readDir(`${this.path}/${name}`)) {
      names.push(entry.name);
    }
    return names.sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}
