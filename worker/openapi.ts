/**
 * The gateway in the words of OpenAPI: `/openapi.json`. A test asks each
 * operation, and holds every answer against it.
 *
 * @see https://spec.openapis.org/oas/v3.1.1.html
 * @module
 */

type Schema = Record<string, unknown>;

/** One path. `ok` is what 200 brings, `fails` what else may come. */
interface Route {
  readonly path: string;
  readonly methods: string;
  readonly summary: string;
  readonly body?: Schema;
  readonly ok: Schema;
  readonly fails?: string;
  readonly parameters?: readonly Schema[];
}

const ref = (name: string): Schema => ({
  $ref: `#/components/schemas/${name}`,
});
const arrayOf = (items: Schema): Schema => ({ type: "array", items });
const content = (type: string, schema: Schema = {}): Schema => ({
  [type]: { schema },
});
const json = (schema: Schema): Schema => content("application/json", schema);
const object = (name: string, schema: Schema): Schema => ({
  type: "object",
  properties: { [name]: schema },
  required: [name],
});
const parameter = (
  name: string,
  where: string,
  schema: Schema = {},
): Schema => ({
  name,
  in: where,
  required: where === "path",
  schema: { type: "string", ...schema },
});

const REASONS: Record<string, string> = {
  101: "A WebSocket",
  200: "Done",
  304: "What If-None-Match names",
  400: "Malformed, not allowed, or failed: in the words of Redis",
  401: "No token that is known",
  404: "No such value",
  413: "A body or a pipeline that is too large",
  426: "No WebSocket",
  429: "Too many requests or streams: see Retry-After",
  502: "Redis cannot be reached, or refuses the gateway",
  503: "Too busy, shutting down, or not ready",
  504: "Redis did not answer in time",
};
const ASKS = "400 401 429 502 503 504";
const SENDS = `${ASKS} 413`;

const COMMAND = arrayOf({ type: ["string", "number", "boolean"] });
const RESULT = ref("Result");
const EITHER = arrayOf({ oneOf: [RESULT, ref("Error")] });
const STATUS = json(object("status", { type: "string" }));
const EVENTS = content("text/event-stream");
const REPLY = { ...json(RESULT), ...content("application/octet-stream") };
const NAME = parameter("command", "path");
// OpenAPI has no word for the rest of a path: further arguments follow, each
// behind a slash.
const ARGUMENTS = parameter("arguments", "path");
const FORMATS = [
  parameter("Upstash-Encoding", "header", { enum: ["base64"] }),
  parameter("Upstash-Response-Format", "header", { enum: ["json", "resp2"] }),
];

const ROUTES: readonly Route[] = [
  {
    path: "/",
    methods: "post put",
    summary: "One command",
    body: json(COMMAND),
    ok: REPLY,
    fails: SENDS,
    parameters: FORMATS,
  },
  {
    path: "/pipeline",
    methods: "post",
    summary: "Commands one by one, each with its own error",
    body: json(arrayOf(COMMAND)),
    ok: { ...json(EITHER), ...content("application/octet-stream") },
    fails: SENDS,
    parameters: FORMATS,
  },
  {
    path: "/multi-exec",
    methods: "post",
    summary: "A transaction",
    body: json(arrayOf(COMMAND)),
    ok: json(EITHER),
    fails: SENDS,
    parameters: [FORMATS[0]!],
  },
  {
    path: "/{command}/{arguments}",
    methods: "get head",
    summary: "One command; the query follows its arguments",
    ok: REPLY,
    fails: `${ASKS} 304`,
    parameters: [NAME, ARGUMENTS, ...FORMATS],
  },
  {
    path: "/{command}/{arguments}",
    methods: "post put",
    summary: "One command; the body is its last argument, as it is",
    body: content("*/*"),
    ok: REPLY,
    fails: SENDS,
    parameters: [NAME, ARGUMENTS, ...FORMATS],
  },
  {
    path: "/raw/{command}/{arguments}",
    methods: "get head",
    summary: "One value as it is, of a content type",
    ok: content("*/*"),
    fails: `${ASKS} 304 404`,
    parameters: [NAME, ARGUMENTS, parameter("type", "query")],
  },
  {
    path: "/subscribe/{channel}",
    methods: "get post",
    summary: "Messages of channels, as server-sent events",
    ok: EVENTS,
    fails: ASKS,
    parameters: [parameter("channel", "path")],
  },
  {
    path: "/psubscribe/{pattern}",
    methods: "get post",
    summary: "Messages of channels that match, as server-sent events",
    ok: EVENTS,
    fails: ASKS,
    parameters: [parameter("pattern", "path")],
  },
  {
    path: "/monitor",
    methods: "get post",
    summary: "Every command that Redis executes, as server-sent events",
    ok: EVENTS,
    fails: ASKS,
  },
  {
    path: "/ws",
    methods: "get",
    summary: "A WebSocket for commands and subscriptions",
    ok: {},
    fails: `101 426 ${ASKS}`,
  },
  {
    path: "/metrics",
    methods: "get head",
    summary: "Counts for Prometheus",
    ok: content("text/plain"),
    fails: "400 401 429",
  },
  {
    path: "/health",
    methods: "get head",
    summary: "Whether the gateway lives",
    ok: STATUS,
  },
  {
    path: "/ready",
    methods: "get head",
    summary: "Whether Redis answers",
    ok: STATUS,
    fails: "503",
  },
  {
    path: "/openapi.json",
    methods: "get head",
    summary: "This",
    ok: json({ type: "object" }),
  },
];

/** The description of a gateway that is mounted at `prefix`. */
export function openapi(prefix: string): string {
  const paths: Record<string, Schema> = {};
  for (const route of ROUTES) {
    const item = paths[route.path] ??= {};
    for (const method of route.methods.split(" ")) {
      item[method] = operation(route);
    }
  }
  return JSON.stringify({
    openapi: "3.1.0",
    info: { title: "Redis over HTTP", version: "1" },
    servers: [{ url: prefix || "/" }],
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
      schemas: {
        Result: object("result", {}),
        Error: object("error", { type: "string" }),
      },
    },
  });
}

function operation({ summary, body, ok, fails, parameters }: Route): Schema {
  const responses: Record<string, Schema> = {};
  for (const status of ["200", ...(fails?.split(" ") ?? [])]) {
    const described: Schema = { description: REASONS[status] };
    if (status === "200") described.content = ok;
    else if (status >= "400") described.content = json(ref("Error"));
    responses[status] = described;
  }
  return {
    summary,
    responses,
    // Undefined ones are not written.
    parameters,
    requestBody: body && { content: body },
    security: fails?.includes("401") ? undefined : [],
  };
}
