/**
 * Holds answers of the gateway against its own description, `/openapi.json`.
 *
 * @module
 */

import assert from "node:assert/strict";

interface Operation {
  responses: Record<string, { content?: Record<string, unknown> }>;
  security?: unknown[];
}

interface Described {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
}

/** What anybody who asks in a way that is not described may get. */
const OTHERWISE = [204, 400, 401, 404, 405, 413, 429];

/** The description that a gateway gives of itself. */
export class Description {
  /** As it was read. */
  readonly json: Described;

  /** Takes what `/openapi.json` said. */
  constructor(json: Described) {
    this.json = json;
  }

  /** Every operation: its path, its method, what it may answer. */
  *operations(): Iterable<[path: string, method: string, Operation]> {
    for (const [path, item] of Object.entries(this.json.paths)) {
      for (const [method, operation] of Object.entries(item)) {
        yield [path, method, operation];
      }
    }
  }

  /** Asserts that this answer is described, by status and type. */
  check(method: string, path: string, { status, headers }: Response): void {
    const operation = this.#find(method.toLowerCase(), path);
    const what = `${status} of ${method} ${path}`;
    if (operation === undefined) {
      assert.ok(OTHERWISE.includes(status), what);
      return;
    }
    const response = operation.responses[status];
    assert.ok(response, `${what} is not described`);
    const type = headers.get("content-type")?.split(";")[0];
    if (response.content === undefined || "*/*" in response.content) return;
    assert.ok(type !== undefined && type in response.content, `${what}: ${type}`);
  }

  #find(method: string, path: string): Operation | undefined {
    const { paths } = this.json;
    const [, first = "", second] = path.split("/");
    const exact = second === undefined || second === "" ? `/${first}` : path;
    const known = paths[exact] ?? paths[`/${first.toLowerCase()}`] ??
      Object.entries(paths).find(([template]) =>
        template.startsWith(`/${first.toLowerCase()}/{`) && first !== ""
      )?.[1];
    if (known && (known !== paths[`/${first}`] || exact === `/${first}`)) {
      return known[method];
    }
    return first === "" ? undefined : paths["/{command}/{arguments}"]?.[method];
  }
}
